#!/usr/bin/env python3
"""The configuration read again and again, and a planned stop, both under load: sessions trade at a fixed rate
over TLS, venue calls are open all the time. Sessions come, change and go, certificates are renewed, limits
change; then SIGTERM, and a second life. In the end clients, journal and venue tell the same."""
import csv
import itertools
import json
import os
import signal
import subprocess
import time
import unittest
from decimal import Decimal

import crash_loop
from patient_client import PatientClient
from security_stack import SecureStack
from stack import Failure, bin_dir_from_argv

BIN = bin_dir_from_argv()
LIMIT = 60              # seconds any single step may take
DRAIN = 8               # drain_timeout
RATE, SECONDS = 100, 12


class LoadedStack(SecureStack):
    """As its parent, with an account that is not the bottleneck; the ports stay the same over restarts."""

    account = {"rate_limit": "no", "calls_max": "32", "connections": "16", "call_timeout": "5s",
               "poll_fills": "100ms", "poll_orders": "500ms"}

    def start_sim(self, *options):
        super().start_sim("--no-rate-limit", "--auto-fill", "0.2", "--seed", "1", *options)

    def keep_ports(self):
        self.fixbridge["listen"] = f"127.0.0.1:{self.port}"
        self.fixbridge["tls_listen"] = f"127.0.0.1:{self.tls_port}"
        self.write_config()


class Client(PatientClient):
    """Remembers all it hears, in order, and says goodbye when it is told goodbye."""

    def __init__(self, port, sender):
        super().__init__(port, sender)
        self.heard, self.away = [], False

    def connect(self):
        if not self.away:
            super().connect()

    def take(self, f):
        was_up = self.up
        super().take(f)
        self.heard.append(f)
        if f["35"] == "5" and was_up:
            self.send("5", [], session=True)

    def order(self, cl_ord_id, price=40000):
        self.send("D", [("11", cl_ord_id), ("55", "PF_XBTUSD"), ("54", "1"), ("38", "0.01"), ("40", "2"),
                        ("44", price), ("59", "1"), ("60", "20260102-10:00:00")])

    def stop_order(self, cl_ord_id):
        """One that the simulator does not fill by itself."""
        self.send("D", [("11", cl_ord_id), ("55", "PF_XBTUSD"), ("54", "2"), ("38", "0.01"), ("40", "3"),
                        ("99", 10000), ("59", "1"), ("60", "20260102-10:00:00")])

    def cancel(self, cl_ord_id, orig):
        self.send("F", [("11", cl_ord_id), ("41", orig), ("55", "PF_XBTUSD"), ("54", "2"),
                        ("60", "20260102-10:00:00")])

    def wait(self, what, seconds=LIMIT, **wanted):
        """Goes on until a message with these values was heard since the last call of forget(), and returns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for f in self.heard:
                if all(f.get(k[1:]) == v for k, v in wanted.items()):
                    return f
            self.poll(0.02)
        raise Failure(f"{self.sender}: {what}: no {wanted}; heard {self.heard[-12:]}")

    def forget(self):
        self.heard.clear()

    def story(self):
        """What it said and heard of orders, as crash_loop.judge() reads it."""
        out = ({"35": kind, "49": self.sender, **dict(fields)} for kind, fields, _ in self.sent.values())
        return itertools.chain((("out", f) for f in out), (("in", f) for f in self.messages))


def compare_export(s):
    """Journal and venue: the same orders with the same quantities; every fill once."""
    out, problems, seen = s.path("export"), [], set()
    for words in (["verify", s.path("journal")], ["export", s.path("journal"), out]):
        p = subprocess.run([s.program("fixbridge"), "journal", *words], capture_output=True, text=True)
        if p.returncode != 0:
            raise Failure(f"journal {words[0]}: {p.stdout}{p.stderr}")
    with open(os.path.join(out, "orders.csv"), newline="") as f:
        rows = {row["order_id"]: row for row in csv.DictReader(f)}
    with open(os.path.join(out, "fills.csv"), newline="") as f:
        fills = [row["venue_exec_id"] for row in csv.DictReader(f) if row["event"] == "fill"]
    for fill in fills:
        if fill in seen:
            problems.append(f"fill {fill} twice in the journal")
        seen.add(fill)
    for client_id, o in s.audit().items():
        row = rows.get("FB-" + client_id.rsplit("-", 1)[-1])
        if row is None or Decimal(row["cum_qty"]) != Decimal(o["filled"]):
            problems.append(f"{client_id}: the venue filled {o['filled']}, the journal says {row and row['cum_qty']}")
    return problems, len(rows), len(fills)


class ReloadDrain(unittest.TestCase):
    def setUp(self):
        self.s = s = LoadedStack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        self.base = {**{f"LOAD{i:04d}": {} for i in (1, 2, 3)}, "WATCH": {}}
        s.prepare(sessions=dict(self.base), drain_timeout=f"{DRAIN}s", admin_listen="127.0.0.1:0")
        s.keep_ports()
        subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "venue", "main", "set-stp",
                        "strategy=CANCEL_MAKER_SELF"], check=True, capture_output=True)
        self.watch, self.extra = Client(s.port, "WATCH"), Client(s.port, "EXTRA")
        self.extra.away = True
        self.reloads = 0

    def tearDown(self):
        self.watch.drop()
        self.extra.drop()

    # ---- pieces

    def start_load(self):
        s = self.s
        out = open(s.path("client.out"), "w")
        s.logs.append(out)
        plain, s.port = s.port, s.tls_port
        self.load = s.spawn(s.client_argv(
            *s.tls_options(), "--load", "--rate", str(RATE), "--count", str(RATE * SECONDS), "--sessions", "3", "--mix",
            "60,25,15", "--price", "59000:59500:1", "--qty", "0.001:0.01:0.001", "--symbols", "PF_XBTUSD",
            "--heartbeat", "10", "--duration", "240", "--wait-logon", "60", "--settle", "60", "--resume-until-idle",
            "--strict", "--json", "--log", s.path("client.log"), sender="LOAD"),
            stdout=out, stderr=out)
        s.port = plain

    def admin(self, *words):
        p = subprocess.run([self.s.program("fixbridge"), "--config", self.s.path("fixbridge.conf"), "admin", *words],
                           text=True, capture_output=True, timeout=LIMIT)
        answer = json.loads(p.stdout)
        return answer["ok"], answer["result"] if answer["ok"] else answer["error"]

    def reload(self, good=True, **fixbridge):
        """By the operator's command and by SIGHUP in turns; returns what was said."""
        self.s.fixbridge.update(fixbridge)
        self.s.write_config()
        self.reloads += 1
        if self.reloads % 2 == 0:
            ok, text = self.admin("reload")
            self.assertEqual(ok, good, text)
            return text
        with open(self.s.path("bridge.log")) as f:
            f.seek(0, os.SEEK_END)
            self.s.bridge.send_signal(signal.SIGHUP)
            end, text = time.monotonic() + LIMIT, ""
            while " reload what=" not in text:
                self.assertLess(time.monotonic(), end, "no reload")
                text += f.read()
                self.watch.poll(0.01)
            self.admin("sessions")      # a later turn: all lines of the reload are there
            return "\n".join(line for line in (text + f.read()).split("\n") if " reload what=" in line)

    def log(self):
        with open(self.s.path("bridge.log")) as f:
            return f.read()

    def certificate(self):
        """Whose certificate a new connection is shown."""
        sock = self.s.context().wrap_socket(self.s.connect(self.s.tls_port), server_hostname="localhost")
        with sock:
            return dict(pair[0] for pair in sock.getpeercert()["subject"])["commonName"]

    def renew(self, name):
        self.s.certificates.make("server", "ca", f"/CN={name}", "DNS:localhost,IP:127.0.0.1")

    # ---- the story

    def reload_round(self, i):
        """A session comes, trades, cannot be taken away while it has an order, and goes; all else changes too."""
        s, extra = self.s, self.extra
        name = f"renewed-{i}"
        self.renew(name)
        s.sessions = {**self.base, "EXTRA": {"clock_skew_max": "1h"}, "LOAD0002": {"messages_per_second": 1000 + i}}
        s.account = {**s.account, "poll_fills": f"{110 + i}ms"}
        said = self.reload(log_level=("debug", "info")[i % 2], lockout_session=20 + i)
        self.assertIn("[session EXTRA] added", said)
        self.assertIn("[session LOAD0002] messages_per_second: changed", said)
        self.assertIn("[account main] poll_fills: changed", said)
        self.assertEqual(self.certificate(), name)
        extra.away = False
        extra.stop_order(f"e{i}")
        extra.wait("the new session trades", t11=f"e{i}", t150="0")
        # All or nothing: neither the certificate nor the limit changes when the session cannot go.
        self.renew(f"refused-{i}")
        s.sessions = dict(self.base)
        said = self.reload(good=False, lockout_session=30)
        self.assertIn("[session EXTRA] cannot be removed: 1 live orders", said)
        self.assertEqual(self.certificate(), name)
        extra.cancel(f"x{i}", f"e{i}")
        extra.wait("canceled", t11=f"x{i}", t150="4")
        extra.forget()
        extra.away = True
        said = self.reload()
        self.assertIn("[session EXTRA] removed", said)
        extra.wait("told why", t35="5", t58="The session was removed")
        while extra.socket is not None:
            extra.poll()

    def limit_bites(self):
        """A limit given by a reload holds at once, and is gone with the next."""
        self.s.sessions = {**self.base, "WATCH": {"messages_per_second": 1, "messages_burst": 2}}
        self.reload()
        for i in range(6):
            self.watch.order(f"r{i}")
        self.watch.wait("over the rate", t11="r5", t103="3")
        self.s.sessions = dict(self.base)
        self.reload()
        self.watch.order("r6")
        self.watch.wait("no rate any more", t11="r6", t150="0")

    def stop_under_load(self):
        """SIGTERM with calls open: News, refused orders, the open order's outcome, Logout, and exit 0 in time."""
        s, w = self.s, self.watch
        w.forget()
        s.fault(op="sendorder", fault="delay_after", delay_ms=2000, match="limitPrice=41000", count=1)
        w.order("open", price=41000)
        w.wait("taken", t11="open", t150="A")
        began = time.monotonic()
        s.bridge.send_signal(signal.SIGTERM)
        w.wait("News", t35="B")
        w.order("late")
        refused = w.wait("no new orders", t35="j", t379="late")
        self.assertEqual((refused["380"], refused["372"]), ("4", "D"))
        w.wait("the open call is settled", t11="open", t150="0")
        w.wait("Logout", t35="5")
        kinds = [(f["35"], f.get("150")) for f in w.heard]
        order = [kinds.index(k) for k in (("B", None), ("j", None), ("8", "0"), ("5", None))]
        self.assertEqual(order, sorted(order), kinds)
        while w.socket is not None:
            w.poll()
        w.away = True
        self.assertEqual(s.bridge.wait(LIMIT), 0)
        took = time.monotonic() - began
        self.assertLess(took, DRAIN + 2)
        return took

    def test_nothing_is_lost(self):
        s = self.s
        s.fault(op="sendorder", fault="delay_after", delay_ms=150, probability=0.3)
        self.start_load()
        self.watch.order("w0")
        self.watch.wait("trading", t11="w0", t150="0")
        for i in range(4):
            self.reload_round(i)
        self.limit_bites()
        self.assertIsNone(self.load.poll(), "the load goes on")
        took = self.stop_under_load()
        p = subprocess.run([s.program("fixbridge"), "journal", "verify", s.path("journal")], text=True,
                           capture_output=True)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        self.assertEqual(self.log().count("session.down session=LOAD0001"), 1, "only the stop ended a session")
        s.start_bridge()
        end = time.monotonic() + LIMIT
        while self.log().count("instruments.loaded") < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        self.watch.away = False
        self.watch.order("again")
        self.watch.wait("the second life", t11="again", t150="0")
        code = self.load.wait(240)
        with open(s.path("client.out")) as f:
            out = f.read()
        self.assertEqual(code, 0, out[-3000:])
        report = json.loads(out.rstrip().split("\n")[-1])
        self.assertGreater(report["businessRejects"], 0, "the load met the stop")
        more = itertools.chain(self.watch.story(), self.extra.story())
        problems, sent, states = crash_loop.judge(s, s.path("client.log"), None, more)
        s.stop_bridge()
        others, rows, fills = compare_export(s)
        problems += others + self.watch.problems + self.extra.problems
        print(f"{sent} orders sent, {self.reloads} reloads, stopped in {took:.1f} s, {report['businessRejects']} refused "
              f"meanwhile, final states {dict(states)}, journal: {rows} orders, {fills} fills")
        self.assertEqual(problems[:20], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
