#!/usr/bin/env python3
"""A second FIX implementation as the client, one that shares no code and no dictionary with QuickFIX: jspurefix
(npm). Over plain TCP and over TLS it logs on, trades, is killed, and gets what it missed by resend. `npm ci`
installs it below the build directory, in the versions of jspurefix_client/package-lock.json."""
import hashlib
import json
import os
import select
import shutil
import subprocess
import time
import unittest

from admin_http import AdminHttp
from security_stack import SecureStack
from stack import Failure, bin_dir_from_argv, wait_for_line

BIN = bin_dir_from_argv()
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jspurefix_client")
MODULES = os.path.join(os.path.abspath(BIN), "tests", "integration", "jspurefix")


def setUpModule():
    """npm ci, unless these versions are there already. No scripts of the packages are run."""
    with open(os.path.join(SOURCE, "package-lock.json"), "rb") as f:
        versions = hashlib.sha256(f.read()).hexdigest()
    mark = os.path.join(MODULES, "installed")
    if os.path.exists(mark):
        with open(mark) as f:
            if f.read() == versions:
                return
    os.makedirs(MODULES, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(SOURCE, name), MODULES)
    npm = subprocess.run(["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline"],
                         cwd=MODULES, text=True, capture_output=True, timeout=150)
    if npm.returncode != 0:
        raise Failure(f"npm ci ended with {npm.returncode}: {npm.stderr[-2000:]}")
    with open(mark, "w") as f:
        f.write(versions)


def fields(line):
    return dict(f.split("=", 1) for f in line.split(" ", 1)[1].strip().split("|") if "=" in f)


class Client:
    """The jspurefix program under control; every line it printed is kept."""

    def __init__(self, stack, port, tls=None):
        self.stack, self.port, self.tls = stack, port, tls
        self.lines, self.rest, self.process = [], "", None

    def start(self):
        tcp = {"host": "localhost" if self.tls else "127.0.0.1", "port": self.port}
        if self.tls:
            tcp["tls"] = {**self.tls, "timeout": 10000}
        path = self.stack.path("jspurefix.json")
        with open(path, "w") as f:
            json.dump({"application": {"type": "initiator", "name": "client", "protocol": "ascii",
                                       "dictionary": "qf44", "reconnectSeconds": 1, "tcp": tcp},
                       "Username": "js", "Password": "let-me-in-js", "EncryptMethod": 0, "ResetSeqNumFlag": False,
                       "HeartBtInt": 2, "SenderCompId": "JS", "TargetCompID": "FIXBRIDGE", "TargetSubID": "desk",
                       "BeginString": "FIX.4.4",
                       "store": {"type": "file", "directory": self.stack.path("jspurefix-store")}}, f)
        with open(self.stack.path("jspurefix.log"), "a") as log:
            self.process = self.stack.spawn(["node", os.path.join(SOURCE, "client.js"), path],
                                            env={**os.environ, "NODE_PATH": os.path.join(MODULES, "node_modules"),
                                                 "UV_THREADPOOL_SIZE": "1"},    # its store's writes, in their order
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=1)
        begin = self.next = len(self.lines)
        self.until("ready")
        self.next = begin       # what it is sent again may be there before it says so

    def until(self, start, **wanted):
        """The next line that starts so and has these fields (t35="8"); what it holds is not looked at again."""
        end = time.monotonic() + 30
        while True:
            while self.next < len(self.lines):
                line = self.lines[self.next]
                self.next += 1
                if line.startswith(start) and all(fields(line).get(k[1:]) == v for k, v in wanted.items()):
                    return fields(line) if "|" in line else line
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise Failure(f"no {start} {wanted}; got\n" + "".join(self.lines[-40:]))
            if not self.read():
                raise Failure(f"jspurefix ended before {start} {wanted}; got\n" + "".join(self.lines[-40:]))

    def read(self):
        """What there is to read; False at the end."""
        piece = os.read(self.process.stdout.fileno(), 65536).decode()
        *whole, self.rest = (self.rest + piece).split("\n")
        self.lines += [line + "\n" for line in whole]
        return piece != ""

    def report(self, cl_ord_id, exec_type, **more):
        return self.until("app", t35="8", t11=cl_ord_id, t150=exec_type, **more)

    def send(self, msg_type, **values):
        self.process.stdin.write(json.dumps({"type": msg_type, "fields": values}) + "\n")

    def order(self, cl_ord_id, qty, msg_type="D", **values):
        self.send(msg_type, ClOrdID=cl_ord_id, Instrument={"Symbol": "PF_XBTUSD"}, Side="1",
                  OrderQtyData={"OrderQty": qty}, TimeInForce="1", **{"OrdType": "2", "Price": 30000, **values})

    def numbers(self, start):
        return [int(fields(l)["34"]) for l in self.lines if l.startswith(start)]

    def kill(self):
        """SIGKILL, once its own store has both numbers: it writes them behind our back."""
        path = self.stack.path("jspurefix-store/FIX.4.4-JS-FIXBRIDGE.seqnums")
        wanted = [max(self.numbers(">")) + 1, max(self.numbers("<")) + 1]
        end, found = time.monotonic() + 20, None
        while found != wanted:
            if time.monotonic() > end:
                raise Failure(f"jspurefix's store has {found}, not {wanted}")
            with open(path) as f:
                text = f.read()
            found = [int(n) for n in text.split(":")] if ":" in text else None
            select.select([], [], [], 0.01)
        self.process.kill()
        self.process.wait()
        while self.read():
            pass

    def log_out(self):
        self.process.stdin.write('{"do": "logout"}\n')
        self.until("<", t35="5")
        if self.process.wait(30) != 0:
            raise Failure("jspurefix does not end well: " + "".join(self.lines[-5:]))


class JsPureFix(unittest.TestCase):
    def stack(self, session=(), **fixbridge):
        s = SecureStack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        return s.prepare({"JS": {"auth": "password", "username": "js", "password": "let-me-in-js",
                                 "heartbeat_min": "1s", **dict(session)}}, admin_listen="127.0.0.1:0", **fixbridge)

    def no_rejects(self, client):
        """Neither side refused a message of the other."""
        for line in client.lines:
            if line[:1] in "<>":
                self.assertNotIn(fields(line)["35"], ("3", "j"), line)

    def trade(self, client):
        client.order("j1", 2)
        new = client.report("j1", "0", t39="0")
        client.order("j2", 3, "G", OrigClOrdID="j1", OrderID=new["37"])
        replaced = client.report("j2", "5", t41="j1", t38="3")
        self.assertEqual(replaced["37"], new["37"])
        client.send("F", ClOrdID="j3", OrigClOrdID="j2", Instrument={"Symbol": "PF_XBTUSD"}, Side="1",
                    OrderQtyData={"OrderQty": 3})
        client.report("j3", "4", t41="j2", t151="0")
        client.order("j4", 1, OrdType="1", Price=None)
        self.assertEqual(client.report("j4", "F", t39="2")["32"], "1")
        client.order("j5", 2)
        return client.report("j5", "0")

    def missed(self, s, client, resting):
        """Killed, filled meanwhile, back: it asks for what it missed and gets it."""
        client.kill()
        s.wait_log("session.down")
        s.control("/sim/fill", {"order_id": resting["198"], "size": 1})
        admin = AdminHttp(s)
        admin.wait(lambda: admin.get("/api/find?id=j5")["orders"][0]["filled"] == "1")
        client.start()
        late = client.report("j5", "F", t43="Y")
        self.assertEqual((late["32"], late["14"], late["151"], late["39"]), ("1", "1", "1", "1"))
        self.assertIn("122", late)
        client.order("j6", 1)
        client.report("j6", "0")

    def story(self, s, client):
        client.start()
        resting = self.trade(client)
        self.missed(s, client, resting)
        # A test request of ours is due when it says nothing for 1.2 intervals; it does not come to that.
        heartbeat = client.until("<", t35="0")
        self.assertIn("34", heartbeat)
        s.control("/sim/fill", {"order_id": resting["198"], "size": 1})
        self.assertEqual(client.report("j5", "F")["39"], "2")
        client.log_out()
        self.no_rejects(client)
        numbers = set(client.numbers("<"))
        self.assertEqual(numbers, set(range(1, max(numbers) + 1)), "all are there, live or again")

    def test_plain(self):
        s = self.stack()
        self.story(s, Client(s, s.port))

    def test_tls(self):
        s = self.stack({"tls_subject": "DNS:acme.example"}, tls_client_certificate="required")
        c = s.certificates
        root = os.path.join(MODULES, "node_modules", "jspurefix")      # its paths begin there
        ca, cert, key = (os.path.relpath(c.path(name), root) for name in ("ca.pem", "acme.pem", "acme.key"))
        self.story(s, Client(s, s.tls_port, {"ca": [ca], "cert": cert, "key": key}))
        s.wait_log("conn.tls", "CN=ACME")

    def test_killed_bridge(self):
        s = self.stack()
        client = Client(s, s.port)
        client.start()
        resting = self.trade(client)
        s.kill_bridge()
        client.until("stopped")
        client.process.wait(30)
        s.control("/sim/fill", {"order_id": resting["198"], "size": 2})
        s.start_bridge()
        client.port = s.port
        client.start()
        self.assertEqual(client.report("j5", "F")["39"], "2")
        client.log_out()
        self.no_rejects(client)


if __name__ == "__main__":
    unittest.main(verbosity=2)
