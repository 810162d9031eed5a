#!/usr/bin/env python3
"""Health, metrics and who may ask, of the real binary: numbers are those of the clients and of the venue's
audit; what clients of the HTTP interface do is no trouble for those of the FIX one."""
import json
import os
import re
import select
import shutil
import socket
import subprocess
import time
import unittest

from admin_http import AdminHttp
from raw_fix import Peer, logon, message
from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
NEW = "new id={} symbol=PF_XBTUSD side=buy qty=1 type=limit price={}\nexpect 35=8 11={} 150=0\n"


class Watch(unittest.TestCase):
    def stack(self, **kw):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        kw.setdefault("account", {"poll_fills": "50ms", "rate_limit": "no"})
        s.write_config(**kw)
        s.start_bridge()
        return s, AdminHttp(s)

    def test_health(self):
        s, a = self.stack()
        self.assertEqual(a.request("GET", "/healthz", token=False)[::2], (200, "ok\n"))
        a.wait(lambda: a.request("GET", "/readyz", token=False)[0] == 200)
        self.assertEqual(a.request("HEAD", "/healthz", token=False)[::2], (200, ""))

    def test_not_ready_while_outcomes_of_before_are_unknown(self):
        s, a = self.stack()
        s.fault(op="sendorder", fault="delay_before", delay_ms=60000)
        with Peer(s.port) as p:
            p.send(logon(), message("D", 2, [("11", "lost"), ("55", "PF_XBTUSD"), ("54", "1"), ("38", "1"), ("40", "2"),
                                             ("44", "50000"), ("59", "1"), ("60", "20261121-00:00:00")]))
            while ("35", "8") not in p.receive():       # told when it is durable, not before
                pass
            a.wait(lambda: a.metrics()[0]['fixbridge_orders{state="sent"}'] == 1)
        s.kill_bridge()
        s.sim.kill()                                    # nobody is there to be asked
        s.sim.wait()
        s.start_bridge(trading=False)
        a = AdminHttp(s)
        status, _, text = a.request("GET", "/readyz", token=False)
        self.assertEqual(status, 503)
        self.assertIn("account main: outcomes unknown", text)
        m, _ = a.metrics()
        self.assertEqual((m["fixbridge_ready"], m['fixbridge_venue_settling{account="main"}'],
                          m['fixbridge_unknown_outcomes{account="main"}']), (0, 1, 1))

    def test_counts_are_those_of_client_and_venue(self):
        s, a = self.stack()
        orders = 30
        text = "".join(NEW.format(f"o{i}", 50000, f"o{i}") for i in range(orders))
        text += "new id=bad symbol=NOPE side=buy qty=1 type=limit price=1\nexpect 35=8 11=bad 150=8 103=1\n"
        text += "".join(f"cancel orig=o{i} id=c{i}\nexpect 35=8 11=c{i} 150=4\n" for i in range(10))
        text += "cancel orig=o0 id=late\nexpect 35=9 11=late\nlogout\n"
        out = s.script(text)
        m, _ = a.metrics()

        def fix(direction, kind):
            return m.get(f'fixbridge_fix_messages_total{{direction="{direction}",type="{kind}"}}', 0)

        for kind, name in (("8", "ExecutionReport"), ("9", "OrderCancelReject"), ("A", "Logon"), ("5", "Logout")):
            self.assertEqual(fix("out", kind), len(re.findall(rf"<- {name}\b", out)), name)
        for kind, name in (("D", "NewOrderSingle"), ("F", "OrderCancelRequest"), ("A", "Logon"), ("5", "Logout")):
            self.assertEqual(fix("in", kind), len(re.findall(rf"-> {name}\b", out)), name)
        audit = s.audit()
        self.assertEqual(len(audit), orders)
        self.assertEqual(m['fixbridge_venue_calls_total{account="main",op="place",outcome="done"}'], orders)
        self.assertEqual(m['fixbridge_venue_calls_total{account="main",op="cancel",outcome="done"}'], 10)
        self.assertEqual(sum(o["status"] == "open" for o in audit.values()), m['fixbridge_orders{state="live"}'])
        self.assertEqual(m["fixbridge_orders_taken_total"], orders + 1)
        self.assertEqual(m['fixbridge_orders_ended_total{state="canceled"}'], 10)
        self.assertEqual(m['fixbridge_orders_ended_total{state="rejected"}'], 1)
        self.assertEqual(m['fixbridge_session_orders_live{session="ACME"}'], orders - 10)
        self.assertEqual(m['fixbridge_fix_rejects_total{kind="order",reason="1"}'], 1)
        self.assertEqual(sum(v for k, v in m.items() if k.startswith('fixbridge_fix_rejects_total{kind="cancel"')), 1)
        self.assertEqual(m['fixbridge_stage_seconds_count{stage="durable"}'], orders + 12)
        for stage in ("sent", "answered", "reported"):
            self.assertEqual(m[f'fixbridge_stage_seconds_count{{stage="{stage}"}}'], orders + 10, stage)
        self.assertEqual(m['fixbridge_session_next_in{session="ACME"}'], orders + 15)

    def test_fills_and_session_rejects_are_counted(self):
        s, a = self.stack()
        s.script("new id=f1 symbol=PF_XBTUSD side=buy qty=1 type=market\nexpect 35=8 11=f1 150=F\nlogout\n")
        with Peer(s.port) as p:
            p.send(logon(99, extra=[("141", "N")]))     # a gap: asked for, then filled
            self.assertIn(("35", "A"), p.receive())
        m, _ = a.metrics()
        self.assertEqual(m["fixbridge_fills_total"], 1)
        self.assertEqual(m['fixbridge_orders_ended_total{state="filled"}'], 1)

    def test_histograms_are_cumulative_and_the_page_is_well_formed(self):
        s, a = self.stack()
        s.script(NEW.format("x", 50000, "x") + "logout\n")
        m, text = a.metrics()
        series = {}
        for key, value in m.items():
            if "_bucket{" in key:
                le = re.search(r'le="([^"]+)"', key).group(1)
                series.setdefault(re.sub(r',?le="[^"]+"', "", key), []).append((float(le), value, key))
        self.assertGreater(len(series), 4)
        for name, buckets in series.items():
            self.assertEqual(buckets, sorted(buckets), name)
            self.assertEqual([v for _, v, _ in buckets], sorted(v for _, v, _ in buckets), name)
            self.assertEqual(buckets[-1][1], m[name.replace("_bucket", "_count").replace("{}", "")], name)
        helped = re.findall(r"^# HELP (\S+) (.+)$", text, re.M)
        self.assertEqual(len(helped), len(dict(helped)))
        for key in m:
            base = re.sub(r"_(bucket|sum|count)$", "", key.split("{")[0])
            self.assertTrue(base in dict(helped) or key.split("{")[0] in dict(helped), key)
        promtool = shutil.which("promtool")
        if promtool:
            p = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
            self.assertEqual((p.returncode, p.stdout + p.stderr), (0, ""))

    # ---- who may ask

    def test_strangers_are_refused(self):
        s, a = self.stack()
        self.assertEqual(a.request("GET", "/healthz", headers={"Host": "evil.example"})[0], 403)
        self.assertEqual(a.request("GET", "/metrics", headers={"Origin": "http://evil.example"})[0], 403)
        self.assertEqual(a.request("GET", "/metrics", headers={"Sec-Fetch-Site": "cross-site"})[0], 403)
        self.assertEqual(a.request("GET", "/metrics", token=False)[0], 200)         # plain and loopback
        self.assertEqual(a.request("GET", "/metrics", headers={"Origin": a.url.rstrip("/")})[0], 200)

    def test_bad_requests(self):
        s, a = self.stack()
        self.assertEqual(a.request("GET", "/nothing")[0], 404)
        self.assertEqual(a.request("GET", "/healthz/../metrics")[0], 404)
        self.assertEqual(a.request("DELETE", "/healthz")[0], 405)
        self.assertEqual(a.request("POST", "/healthz", body={})[0], 405)
        self.assertEqual(a.request("POST", "/healthz", body="x" * 20000)[0], 413)
        for raw in (b"\x00\xff garbage\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n",
                    b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + b"2000\r\n" + b"y" * 0x2000 + b"\r\n2000\r\n" + b"y" * 0x2000 + b"\r\n0\r\n\r\n"):
            with socket.create_connection((a.host, a.port), timeout=20) as c:
                c.sendall(raw)
                try:
                    answer = c.recv(65536)
                except ConnectionResetError:
                    answer = b""
                self.assertTrue(answer == b"" or re.match(rb"HTTP/1\.[01] (4\d\d|505)", answer), answer[:80])
        _, headers, _ = a.request("GET", "/healthz")
        self.assertEqual((headers["x-content-type-options"], headers["x-frame-options"]), ("nosniff", "DENY"))
        self.assertIn("default-src 'none'", headers["content-security-policy"])

    def test_slow_and_many_clients_do_not_hold_up_orders(self):
        s, a = self.stack()
        slow = []
        for i in range(50):                             # more than there are places
            c = socket.create_connection((a.host, a.port), timeout=60)
            self.addCleanup(c.close)
            c.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            slow.append(c)
        began = time.monotonic()
        s.script("".join(NEW.format(f"s{i}", 50000, f"s{i}") for i in range(20)) + "logout\n")
        self.assertLess(time.monotonic() - began, 15)
        dribbling, ended = slow[0], None                # never idle, never done
        dribbling.setblocking(False)
        while ended is None and time.monotonic() < began + 60:
            try:
                dribbling.sendall(b"x")
                if dribbling.recv(1) == b"":
                    ended = time.monotonic()
            except BlockingIOError:
                select.select([dribbling], [], [], 0.2)
            except (ConnectionResetError, BrokenPipeError):
                ended = time.monotonic()
        self.assertIsNotNone(ended, "a request that never ends is ended")
        a.wait(lambda: self.reachable(a))

    @staticmethod
    def reachable(a):
        try:
            return a.request("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def test_too_many_requests_are_put_off(self):
        s, a = self.stack()
        seen = set()
        end = time.monotonic() + 30
        with socket.create_connection((a.host, a.port), timeout=20) as c:
            f = c.makefile("rb")
            while 429 not in seen and time.monotonic() < end:
                c.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
                for _ in range(20):
                    seen.add(int(f.readline().split()[1]))
                    size = 0
                    while (line := f.readline().strip()) != b"":
                        if line.lower().startswith(b"content-length:"):
                            size = int(line.split(b":")[1])
                    f.read(size)
        self.assertEqual(seen, {200, 429})

    # ---- configuration

    def check(self, s):
        return subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "--check-config"], text=True,
                              capture_output=True, timeout=60)

    def test_elsewhere_than_loopback_needs_tls_and_token(self):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.sim_url = "http://127.0.0.1:1"
        s.write_config(fixbridge={"admin_listen": "0.0.0.0:0"})
        p = self.check(s)
        self.assertEqual(p.returncode, 1)
        for key in ("admin_certificate", "admin_key", "admin_token_file"):
            self.assertIn(f"[fixbridge] {key}: missing", p.stderr)

    def test_tls_with_a_token_of_ones_own(self):
        import ssl
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()

        def make_certificate():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "2", "-subj", "/CN=bridge", "-keyout", s.path("admin.key"), "-out",
                            s.path("admin.crt")], check=True, capture_output=True)

        make_certificate()
        with open(s.path("token"), "w") as f:
            f.write("a-token-of-ones-own\n")
        os.chmod(s.path("token"), 0o600)
        os.chmod(s.path("admin.key"), 0o600)
        s.write_config(fixbridge={"admin_listen": "0.0.0.0:0", "admin_certificate": s.path("admin.crt"),
                                  "admin_key": s.path("admin.key"), "admin_token_file": s.path("token")})
        self.assertEqual(self.check(s).returncode, 0, self.check(s).stderr)
        s.start_bridge()
        with open(s.path("bridge.log")) as f:
            port = int(re.search(r"admin\.listening url=https://0\.0\.0\.0:(\d+)/", f.read()).group(1))
        context = ssl.create_default_context(cafile=s.path("admin.crt"))
        context.check_hostname = False

        def ask(path, *headers):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as raw, \
                    context.wrap_socket(raw) as c:
                c.sendall("\r\n".join([f"GET {path} HTTP/1.0", "Host: 127.0.0.1", *headers, "", ""]).encode())
                answer = b""
                while (piece := c.recv(65536)) != b"":
                    answer += piece
                return int(answer.split()[1]), answer.decode()

        self.assertEqual(ask("/healthz")[0], 200)
        self.assertEqual(ask("/metrics")[0], 401)
        self.assertEqual(ask("/metrics", "Authorization: Bearer a-token-of-ones-owm")[0], 401)
        status, text = ask("/metrics", "Authorization: Bearer a-token-of-ones-own")
        self.assertEqual(status, 200)
        self.assertIn("fixbridge_journal_failed 0\n", text)
        # Renewed by a reload: the same address, token and all, another certificate.
        def admin_reload():
            p = subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "admin", "reload"],
                               text=True, capture_output=True, timeout=60)
            answer = json.loads(p.stdout)
            return answer["result"] if answer["ok"] else answer["error"]
        self.assertIn(f"admin_certificate: read again, as before: {s.path('admin.crt')}\n", admin_reload())
        make_certificate()
        with self.assertRaises(ssl.SSLCertVerificationError):
            ssl_ask_new = ssl.create_default_context(cafile=s.path("admin.crt"))
            ssl_ask_new.check_hostname = False
            with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
                ssl_ask_new.wrap_socket(raw)
        self.assertIn(f"admin_certificate: renewed: {s.path('admin.crt')}\n", admin_reload())
        context = ssl.create_default_context(cafile=s.path("admin.crt"))
        context.check_hostname = False
        self.assertEqual(ask("/metrics", "Authorization: Bearer a-token-of-ones-own")[0], 200)
        with open(s.path("admin.key"), "w") as f:
            f.write("no key\n")
        self.assertIn("admin_certificate", admin_reload())
        self.assertEqual(ask("/healthz")[0], 200)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as c:      # no TLS: no answer
            c.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            try:
                self.assertNotIn(b"200 OK", c.recv(1000))
            except ConnectionResetError:
                pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
