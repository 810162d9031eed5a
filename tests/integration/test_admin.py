#!/usr/bin/env python3
"""The operator's commands, and the configuration read again under traffic; with the real binary."""
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

from raw_fix import Peer, logon, message
from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()


class Admin(unittest.TestCase):
    def stack(self, sessions=("ACME", "BETA"), **kw):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        kw.setdefault("account", {"poll_fills": "50ms"})
        s.write_config(sessions=sessions, **kw)
        s.start_bridge()
        return s

    def run_admin(self, s, *words):
        return subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "admin", *words],
                              text=True, capture_output=True, timeout=60)

    def admin(self, s, *words):
        p = self.run_admin(s, *words)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        return json.loads(p.stdout)["result"]

    def refused(self, s, *words):
        p = self.run_admin(s, *words)
        self.assertEqual(p.returncode, 13, p.stdout + p.stderr)
        answer = json.loads(p.stdout)
        self.assertIs(answer["ok"], False)
        return answer["error"]

    def log(self, s):
        with open(s.path("bridge.log")) as f:
            return f.read()

    def wait_state(self, s, name, state):
        end = time.monotonic() + 20
        while self.admin(s, "session", name, "show")["state"] != state:
            self.assertLess(time.monotonic(), end, f"{name} {state}")

    def log_on(self, s, sender="ACME", seq=1):
        p = Peer(s.port)
        self.addCleanup(p.__exit__)
        p.send(logon(seq, sender=sender))
        self.assertIn(("35", "A"), p.receive())
        return p

    def test_sessions_and_their_numbers(self):
        s = self.stack()
        p = self.log_on(s)
        by_name = {x["name"]: x for x in self.admin(s, "sessions")}
        self.assertEqual(by_name["ACME"]["state"], "up")
        self.assertEqual((by_name["ACME"]["next_in"], by_name["ACME"]["next_out"]), (2, 2))
        self.assertTrue(by_name["ACME"]["address"].startswith("127.0.0.1:"))
        self.assertEqual(by_name["BETA"]["state"], "offline")
        one = self.admin(s, "session", "ACME", "show")
        self.assertEqual((one["auth"], one["accounts"], one["target_comp_id"]), ("none", ["main"], "ACME"))
        self.assertIn("connected", self.refused(s, "set-next", "ACME", "in=5", "out=7"))
        self.assertIn("connected", self.refused(s, "reset", "ACME"))
        self.assertEqual(self.admin(s, "session", "ACME")["next_in"], 2)
        p.send(message("5", 2, []))
        while p.receive() is not None:
            pass
        self.wait_state(s, "ACME", "offline")
        self.admin(s, "set-next", "ACME", "in=50", "out=70")
        s.kill_bridge()                                             # what was answered is durable
        s.start_bridge()
        with Peer(s.port) as q:
            q.send(logon(50))
            got = q.receive()
            self.assertIn(("35", "A"), got)
            self.assertIn(("34", "70"), got)
        self.wait_state(s, "ACME", "offline")
        self.admin(s, "reset", "ACME")
        one = self.admin(s, "session", "ACME")
        self.assertEqual((one["next_in"], one["next_out"]), (1, 1))
        self.assertRegex(self.log(s), r"admin uid=\d+ pid=\d+ command=\"set-next ACME in=50 out=70\" result=done")
        self.assertRegex(self.log(s), r"admin uid=\d+ pid=\d+ command=\"reset ACME\" result=\"the session is conn")

    def test_disconnect_disable_enable(self):
        s = self.stack()
        p = self.log_on(s)
        self.admin(s, "disconnect", "ACME")
        self.assertIn(("58", "Disconnected by the operator"), p.receive())
        p.send(message("5", 2, []))
        self.wait_state(s, "ACME", "offline")
        self.assertIn("not connected", self.refused(s, "disconnect", "ACME"))
        p = self.log_on(s, seq=3)
        self.assertFalse(self.admin(s, "disable", "ACME")["enabled"])
        self.assertIn(("58", "The session is disabled"), p.receive())
        p.send(message("5", 4, []))
        self.wait_state(s, "ACME", "offline")
        with Peer(s.port) as q:
            q.send(logon(5))
            self.assertIn(("58", "Logon refused"), q.receive())
        self.admin(s, "enable", "ACME")
        self.log_on(s, seq=5)

    def test_planned_stop_is_announced_and_can_be_canceled(self):
        s = self.stack()
        p = self.log_on(s)
        self.assertIn("no stop", self.refused(s, "stop", "cancel"))
        self.assertEqual(self.admin(s, "stop", "40"), "planned")
        got = p.receive()                                           # News, since it is less than a minute
        self.assertIn(("35", "B"), got)
        self.assertEqual(self.admin(s, "stop", "cancel"), "canceled")
        self.assertIn(("35", "B"), p.receive())
        self.assertEqual(self.admin(s, "session", "ACME")["state"], "up")
        self.assertEqual(self.admin(s, "stop", "1"), "planned")
        self.assertEqual(s.bridge.wait(30), 0)

    def test_orders_venues_stats(self):
        s = self.stack()
        s.script("new id=a1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=a1 150=0\n"
                 "new id=a2 symbol=NOPE side=buy qty=1 type=limit price=1\nexpect 35=8 11=a2 150=8\nlogout\n")
        live = self.admin(s, "orders", "live")
        self.assertEqual([o["cl_ord_id"] for o in live], ["a1"])
        self.assertEqual((live[0]["qty"], live[0]["price"], live[0]["ord_status"], live[0]["side"]),
                         ("1", "50000", "0", "buy"))
        self.assertEqual(self.admin(s, "orders", "BETA"), [])
        self.assertEqual(self.admin(s, "order", "a1"), self.admin(s, "order", live[0]["id"]))
        self.assertIn("no such order", self.refused(s, "order", "zzz"))
        self.assertIn("no such session", self.refused(s, "orders", "zzz"))
        venue = self.admin(s, "venues")[0]
        self.assertEqual((venue["account"], venue["venue"], venue["healthy"]), ("main", "kraken-futures", True))
        self.assertLessEqual(venue["budget"][0]["left"], venue["budget"][0]["capacity"])
        stats = self.admin(s, "stats")
        self.assertEqual(stats["orders_live"], 1)
        self.assertGreater(stats["journal_records"], 0)
        self.assertIn("unknown command", self.refused(s, "frobnicate"))
        self.assertIn("expected: reset NAME", self.refused(s, "reset"))

    def test_the_socket_is_private(self):
        s = self.stack()
        self.assertEqual(os.stat(s.path("journal/control.sock")).st_mode & 0o777, 0o600)
        s.stop_bridge()
        self.assertEqual(self.run_admin(s, "stats").returncode, 14)

    def test_stop(self):
        s = self.stack()
        self.assertEqual(self.admin(s, "stop"), "stopping")
        self.assertEqual(s.bridge.wait(30), 0)

    def test_reload_adds_a_session_while_another_trades(self):
        s = self.stack(sessions=("ACME",), account={"poll_fills": "50ms", "rate_limit": "no"})
        out = []
        orders = "".join(f"new id=t{i} symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\n"
                         f"expect 35=8 11=t{i} 150=0\n" for i in range(60))
        trader = threading.Thread(target=lambda: out.append(s.script(
            orders + "forbid 35=2 timeout=0\nforbid 35=5 timeout=0\nlogout\n", "--strict")))
        trader.start()
        while self.admin(s, "stats")["orders_total"] == 0:
            pass
        s.write_config(sessions=("ACME", "NEW"), account={"poll_fills": "70ms", "calls_max": "3",
                                                            "rate_limit": "no"})
        report = self.admin(s, "reload")
        self.assertIn("[session NEW] added", report)
        self.assertIn("[account main] poll_fills: changed", report)
        self.assertIn("[account main] calls_max: needs a restart", report)
        s.script_path = s.path("other.script")
        with open(s.script_path, "w") as f:
            f.write("new id=n1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=n1 150=0\nlogout\n")
        p = subprocess.run(s.client_argv("--script", s.script_path, sender="NEW"), text=True, capture_output=True,
                           timeout=60)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        trader.join(60)
        self.assertEqual(len(out), 1, "the other session's script went through")
        self.assertEqual(self.log(s).count("session.down session=ACME"), 1)
        s.kill_bridge()                                             # its orders are its own after a restart
        s.start_bridge()
        self.assertEqual([o["cl_ord_id"] for o in self.admin(s, "orders", "NEW")], ["n1"])
        self.assertEqual(len(self.admin(s, "orders", "ACME")), 60)

    def test_reload_with_a_mistake_changes_nothing(self):
        s = self.stack(sessions=("ACME",))
        p = self.log_on(s)
        s.write_config(sessions=("ACME", "NEW"), session={"heartbeat_min": "soon"})
        self.assertIn("heartbeat_min", self.refused(s, "reload"))
        self.assertEqual([x["name"] for x in self.admin(s, "sessions")], ["ACME"])
        p.send(message("1", 2, [("112", "alive")]))
        self.assertIn(("112", "alive"), p.receive())

    def test_reload_removes_a_session_but_not_one_with_orders(self):
        s = self.stack()
        s.script("new id=a1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=a1 150=0\nlogout\n")
        s.write_config(sessions=("BETA",), account={"poll_fills": "50ms"})
        self.assertIn("[session ACME] cannot be removed: 1 live orders", self.refused(s, "reload"))
        p = self.log_on(s, "BETA")
        s.write_config(sessions=("ACME",), account={"poll_fills": "50ms"})
        self.assertIn("[session BETA] removed", self.admin(s, "reload"))
        self.assertIn(("58", "The session was removed"), p.receive())
        p.send(message("5", 2, [], sender="BETA"))
        self.assertIsNone(p.receive())
        with Peer(s.port) as q:
            q.send(logon(3, sender="BETA"))
            self.assertIsNone(q.receive())
        s.write_config(sessions=("ACME", "BETA"), account={"poll_fills": "50ms"})
        self.assertIn("[session BETA] added again", self.admin(s, "reload"))
        self.log_on(s, "BETA", seq=3)

    def test_reload_does_not_open_a_listener_that_is_still_there(self):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_config(sessions=("ACME",))
        with open(s.path("fixbridge.conf")) as f:
            text = f.read()
        with open(s.path("fixbridge.conf"), "w") as f:
            f.write(text.replace("\nlisten = 127.0.0.1", "\nplain_passwords = yes\nlisten = 0.0.0.0")
                    .replace("auth = none", "username = u\npassword = p"))
        s.start_bridge()                # and the file now says: loopback, auth = none
        self.assertIn("auth", self.refused(s, "reload"))
        with Peer(s.port) as p:
            p.send(logon())
            self.assertIn(("58", "Logon refused"), p.receive())

    def reload(self, s):
        """What a reload says, but for the port: the first start took a free one."""
        return self.admin(s, "reload").replace("[fixbridge] listen: needs a restart\n", "")

    def test_nothing_is_done_that_the_audit_cannot_keep(self):
        s = self.stack()
        s.script("new id=a1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=a1 150=0\nlogout\n")
        self.admin(s, "set-next", "BETA", "in=5")
        with open(s.path("journal/audit.log")) as f:
            lines = f.read().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r'^\S+Z uid=\d+ pid=\d+ command="set-next BETA in=5" begins$')
        self.assertRegex(lines[1], r'^\S+Z uid=\d+ pid=\d+ command="set-next BETA in=5" result="done"$')
        os.unlink(s.path("journal/audit.log"))
        os.symlink("/dev/full", s.path("journal/audit.log"))
        why = "nothing was done: audit.log cannot be written: No space left on device"
        for words in (["set-next", "BETA", "in=9"], ["reset", "BETA"], ["enable", "BETA"], ["reload"],
                      ["order", "FB-1", "is", "absent"]):
            self.assertEqual(self.refused(s, *words), why, words)
        self.assertEqual(self.admin(s, "session", "BETA")["next_in"], 5)
        # What makes things safer is done all the same, and the log tells of both.
        self.assertEqual(self.admin(s, "cancel-account", "main"), {"canceling": 1})
        log = self.log(s)
        self.assertRegex(log, r'error audit.failed file=\S+ why="No space left on device"')
        self.assertRegex(log, r'warn admin uid=\d+ pid=\d+ command="cancel-account main" result=done')
        os.unlink(s.path("journal/audit.log"))
        self.admin(s, "set-next", "BETA", "in=9")
        self.assertEqual(self.admin(s, "session", "BETA")["next_in"], 9)

    def test_one_id_finds_an_order_everywhere(self):
        s = self.stack(sessions=("ACME",), fixbridge={"log_rest": "yes", "log_fix": "yes", "log_level": "debug",
                                                      "log_messages": "messages.log"})
        s.script("new id=a1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=a1 150=0\n"
                 "new id=other-order symbol=PF_XBTUSD side=buy qty=1 type=limit price=50001\nexpect 35=8 11=other-order 150=0\n"
                 "cancel id=a2 orig=a1\nexpect 35=8 11=a2 150=4\nlogout\n")
        lines = [line for line in self.log(s).splitlines() if re.search(r"\bFB-1\b", line)]
        for wanted in (r"fix.message .*type=D .*cl_ord_id=a1 id=FB-1$", r"fix.message .*type=F .*cl_ord_id=a2 id=FB-1$",
                       r"rest .*op=place .*sendorder.* -> 200 done .* id=FB-1$",
                       r"rest .*op=cancel .*cancelorder.* -> 200 done .* id=FB-1$",
                       r"order.state id=FB-1 from=live to=canceled"):
            self.assertEqual(len([line for line in lines if re.search(wanted, line)]), 1, (wanted, lines))
        self.assertNotIn("other-order", "\n".join(lines))
        with open(s.path("messages.log")) as f:
            self.assertGreaterEqual(f.read().count("|37=FB-1|"), 4)
        dump = subprocess.run([s.program("fixbridge"), "journal", "dump", s.path("journal"), "--order", "FB-1"], text=True,
                              capture_output=True, timeout=60).stdout
        for wanted in ('cl_ord_id="a1"', "event=ack", "event=canceled", "|150=0|", "|150=4|"):
            self.assertIn(wanted, dump)

    def symbols(self, s, text):
        s.write_config(sessions=("ACME",))
        with open(s.path("fixbridge.conf"), "a") as f:
            f.write("[symbols main]\n" + text)

    def test_reload_changes_names_of_symbols(self):
        s = self.stack(sessions=("ACME",), account={})
        s.script("new id=a1 symbol=BTC/USD side=buy qty=1 type=limit price=50000\n"
                 "expect 35=8 11=a1 150=8 103=1\nlogout\n")
        self.symbols(s, "BTC/USD = PF_XBTUSD\nETH/USD = PF_ETHUSD\n")
        report = self.reload(s)
        self.assertIn("[symbols main] BTC/USD = PF_XBTUSD: added\n", report)
        self.assertNotIn("restart", report)
        s.script("new id=a2 symbol=BTC/USD side=buy qty=1 type=limit price=50000\n"
                 "expect 35=8 11=a2 150=0 55=BTC/USD\nlogout\n")
        self.symbols(s, "ETH/USD = PF_ETHUSD\nXBT = PF_XBTUSD\n")
        report = self.reload(s)
        self.assertIn("[symbols main] BTC/USD = PF_XBTUSD: removed\n", report)
        self.assertIn("[symbols main] XBT = PF_XBTUSD: added\n", report)
        self.assertNotIn("ETH/USD", report)
        # The order is still the one its client knows; a new one needs the new name.
        s.script("new id=a3 symbol=BTC/USD side=buy qty=1 type=limit price=50000\n"
                 "expect 35=8 11=a3 150=8 103=1\n"
                 "new id=a4 symbol=XBT side=buy qty=1 type=limit price=50000\nexpect 35=8 11=a4 150=0 55=XBT\n"
                 "cancel id=a5 orig=a2 symbol=BTC/USD side=buy\nexpect 35=8 11=a5 150=4 55=BTC/USD\nlogout\n")
        self.assertEqual(self.reload(s), "")

    def test_reload_tells_which_secret_was_read(self):
        s = self.stack(sessions=("ACME",), account={})
        secret = s.path("acme.secret")

        def write(text):
            with open(secret, "w") as f:
                f.write(text)
            os.chmod(secret, 0o600)

        with open(s.path("fixbridge.conf")) as f:
            text = f.read().replace("auth = none", f"auth = hmac-sha256\nusername = desk\nlogon_secret_file = {secret}")
        write("0123456789abcdef0123456789abcdef\n")
        with open(s.path("fixbridge.conf"), "w") as f:
            f.write(text)
        self.admin(s, "reload")
        self.assertEqual(self.reload(s), "")
        write("another-secret-that-is-long-enough\n")
        report = self.reload(s)
        self.assertEqual(report, f"[session ACME] logon_secret: changed, read from {secret}\n")
        self.assertIn(report.strip(), self.log(s))
        self.assertNotIn("another-secret", self.log(s))

    def test_sighup_reloads(self):
        s = self.stack(sessions=("ACME",))
        s.write_config(sessions=("ACME", "NEW"), account={"poll_fills": "50ms"})
        s.bridge.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while "[session NEW] added" not in self.log(s):
            self.assertLess(time.monotonic(), end)
        self.log_on(s, "NEW")


if __name__ == "__main__":
    unittest.main(verbosity=2)
