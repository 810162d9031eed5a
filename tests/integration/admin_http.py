"""The admin HTTP interface of a running bridge, for tests. Standard library only."""
import http.client
import json
import re
import select
import time


class AdminHttp:
    def __init__(self, stack):
        with open(stack.path("bridge.log")) as f:
            urls = re.findall(r"admin\.listening url=http://([^:/]+):(\d+)/", f.read())
        self.host, self.port = urls[-1][0], int(urls[-1][1])
        with open(stack.path("journal/admin.token")) as f:
            self.token = f.read().strip()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}/"

    def request(self, method, path, body=None, headers=None, token=True):
        """-> status, headers, text"""
        c = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            all_headers = {"Authorization": f"Bearer {self.token}"} if token else {}
            if body is not None:
                body = json.dumps(body) if not isinstance(body, (str, bytes)) else body
                all_headers["Content-Type"] = "application/json"
            all_headers.update(headers or {})
            c.request(method, path, body=body, headers=all_headers)
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read().decode()
        finally:
            c.close()

    def get(self, path, **kw):
        status, _, text = self.request("GET", path, **kw)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {text}")
        return json.loads(text)

    def act(self, action, target, confirm=None, **kw):
        """-> status, answer"""
        body = dict(action=action, target=target, confirm=target if confirm is None else confirm, **kw)
        status, _, text = self.request("POST", "/api/action", body=body)
        return status, json.loads(text)

    def metrics(self):
        """{'name{labels}': value}, and the text"""
        status, headers, text = self.request("GET", "/metrics")
        if status != 200:
            raise AssertionError(f"/metrics: {status}")
        found = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                key, value = line.rsplit(" ", 1)
                if key in found:
                    raise AssertionError(f"{key} is there twice")
                found[key] = float(value)
        return found, text

    def wait(self, ask, seconds=20):
        """Asks again and again until it is true; returns that."""
        end = time.monotonic() + seconds
        while True:
            got = ask()
            if got:
                return got
            if time.monotonic() > end:
                raise AssertionError("it did not come about")
            select.select([], [], [], 0.05)             # the interface takes 100 requests a second
