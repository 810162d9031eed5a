#!/usr/bin/env python3
"""The real programs: what a Logon chooses (8013, 35003, 9406), drop copies, trade capture, trade bust, venue
status, the dead man's switch, and a venue that is down at start. Every message passes fixclient's stock dictionary."""
import json
import subprocess
import unittest

from admin_http import AdminHttp
from stack import SECRET, Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
FAST = {"poll_fills": "50ms", "poll_orders": "200ms", "call_timeout": "2s"}


def new(name, extra=""):
    return f"new id={name} symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000 {extra}\n"


class Copies(unittest.TestCase):
    def stack(self, extra="", account=None, session=None, sessions=("ACME",), fixbridge=None):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_config(sessions=sessions, account={**FAST, **(account or {})}, session=session, fixbridge=fixbridge)
        self.extra = extra
        plain = s.write_config

        def write_config(**kw):          # start_bridge writes it again with the port it got
            plain(**kw)
            with open(s.path("fixbridge.conf"), "a") as f:
                f.write(extra)

        s.write_config = write_config
        s.write_config(**s.config_args)
        s.start_bridge(trading=False)
        s.wait_for_log("instruments.loaded")        # of one account; another may be down
        return s

    def admin(self, s, *words):
        p = subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "admin", *words], text=True,
                           capture_output=True, timeout=30)
        answer = json.loads(p.stdout)
        self.assertTrue(answer["ok"], answer)
        return answer["result"]

    def open_orders(self, s):
        return [c for c, o in s.audit().items() if o["status"] == "open"]

    def wait_until(self, s, what, seconds=20):
        for _ in range(seconds * 20):
            if what():
                return
            s.script("wait 0.05\n", "--no-connect")
        raise Failure("it does not come true")

    # ---- what a Logon chooses

    def test_logon_chooses_cancel_on_disconnect(self):
        s = self.stack(session={"echo_logon_tags": "yes", "cancel_grace": "60s"})
        state = s.path("state")
        out = s.script(new("c1") + "expect 35=8 11=c1 150=0\ndisconnect\n", "--state", state, "--log-pipe", "--log",
                       s.path("client.log"), "--logon-field", "8013=S", "--logon-field", "35003=200")
        with open(s.path("client.log")) as f:
            self.assertIn("|8013=S|35003=200|", f.read(), out)
        self.wait_until(s, lambda: not self.open_orders(s))
        s.script("expect 35=8 11=c1 150=4 378=7 43=Y timeout=10\nlogout\n", "--state", state)

    def test_choice_survives_kill(self):
        s = self.stack(session={"cancel_grace": "60s"})
        state = s.path("state")
        s.script(new("k1") + "expect 35=8 11=k1 150=0\n", "--state", state, "--logon-field", "8013=S",
                 "--logon-field", "35003=300")
        # the client ends by a Logout; within its grace the service dies
        s.kill_bridge()
        s.start_bridge()
        self.wait_until(s, lambda: not self.open_orders(s))

    def test_y_needs_the_configuration(self):
        s = self.stack()
        p = subprocess.run(s.client_argv("--logon-field", "8013=Y", "--wait-logon", "1", "--script", "-"), text=True,
                           input="logout\n", capture_output=True, timeout=30)
        self.assertNotEqual(p.returncode, 0)
        self.assertIn("(8013) Y is not allowed", p.stdout + p.stderr)

    # ---- drop copies and trades

    def test_drop_copy_gets_everything_also_what_it_missed(self):
        copy = ("[session COPY]\nsender_comp_id = FIXBRIDGE\ntarget_comp_id = COPY\ndrop_copy = main\nauth = none\n")
        s = self.stack(extra=copy)
        state = s.path("copy.state")
        field = ("--logon-field", "9406=Y", "--state", state)
        s.script("logout\n", *field, sender="COPY")
        s.script(new("d1") + "expect 35=8 11=d1 150=0\nset order=$last.198\n"
                 f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":1}}\n'
                 "expect 35=8 11=d1 150=F 39=2\nlogout\n", "--strict")
        s.kill_bridge()
        s.start_bridge()
        out = s.script("expect 35=8 11=d1 150=A 43=Y 448=ACME 452=7 timeout=10\n"
                       "expect 35=8 11=d1 150=0 43=Y timeout=10\nexpect 35=8 11=d1 150=F 39=2 14=1 43=Y timeout=10\n"
                       + new("x1") + "expect 35=j 380=6 372=D timeout=10\n"
                       "trades id=t1\nexpect 35=AQ 568=t1 748=1 749=0 timeout=10\n"
                       "expect 35=AE 568=t1 11=d1 32=1 912=Y timeout=10\nlogout\n", *field, sender="COPY")
        self.assertEqual(out.count("<- ExecutionReport ExecType=TRADE"), 1, out)

    def test_another_hand_is_told_to_drop_copies_only(self):
        copy = ("[session COPY]\nsender_comp_id = FIXBRIDGE\ntarget_comp_id = COPY\ndrop_copy = main\nauth = none\n")
        s = self.stack(extra=copy, account={"poll_idle": "200ms"})
        state = s.path("copy.state")
        s.script("logout\n", "--state", state, sender="COPY")
        p = subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "venue", "main", "place",
                            "symbol=PF_XBTUSD", "side=sell", "type=limit", "qty=2", "price=90000", "client_id=by-hand"],
                           text=True, capture_output=True, timeout=30)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        s.script("expect 35=8 150=0 39=0 38=2 44=90000 54=2 58~hand timeout=20\nset order=$last.198\n"
                 f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":2}}\n'
                 "expect 35=8 150=F 39=2 37=V-$order 32=2 14=2 timeout=20\nlogout\n", "--state", state, sender="COPY")
        s.script("forbid 35=8 timeout=1\nlogout\n")

    def test_trades_and_a_bust(self):
        s = self.stack()
        state = s.path("state")
        s.script(new("t1") + "expect 35=8 11=t1 150=0\nset order=$last.198\n"
                 f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":0.4}}\n'
                 "expect 35=8 11=t1 150=F 39=1 14=0.4\nset exec=$last.17\n"
                 "trades id=q1 symbol=PF_XBTUSD\nexpect 35=AQ 568=q1 748=1\n"
                 "expect 35=AE 568=q1 571=$exec 17=$exec 32=0.4 37=FB-1 11=t1 912=Y\nlogout\n", "--state", state)
        fill = [o for o in self.admin(s, "order", "FB-1")][0]
        self.assertEqual(fill["filled"], "0.4")
        dump = subprocess.run([s.program("fixbridge"), "journal", "dump", s.path("journal"), "--order", "FB-1"],
                              text=True, capture_output=True, timeout=30).stdout
        exec_id = [line.split('exec_id="')[1].split('"')[0] for line in dump.splitlines() if " fill " in line][0]
        self.assertEqual(self.admin(s, "order", "FB-1", "bust", exec_id)["filled"], "0")
        s.script("expect 35=8 150=H 39=0 32=0.4 14=0 151=1 19=* 43=Y timeout=10\n"
                 "trades id=q2\nexpect 35=AQ 568=q2 748=0 750=1 timeout=10\n"
                 "status id=t1 symbol=PF_XBTUSD side=buy\nexpect 35=8 150=I 39=0 14=0\n"
                 "cancel id=t2 orig=t1 symbol=PF_XBTUSD side=buy qty=1\nexpect 35=8 150=4 39=4\nlogout\n", "--state", state)

    # ---- venues

    def test_a_venue_down_at_start_leaves_the_others(self):
        other = ("[account dead]\nvenue = kraken-futures\nurl = http://127.0.0.1:9\nkey = sim-key\n"
                 f"secret = {SECRET}\norder_wait_max = 300ms\n"
                 "[account gone]\nvenue = kraken-futures\nurl = http://127.0.0.1:9\nkey = sim-key\n"
                 f"secret = {SECRET}\norders_when_down = reject\n"
                 "[session MULTI]\nsender_comp_id = FIXBRIDGE\ntarget_comp_id = MULTI\n"
                 "accounts = main, dead, gone\nauth = none\n")
        s = self.stack(extra=other)
        s.wait_for_log("venue.down account=gone")
        s.wait_for_log("venue.down account=dead")
        s.script("venuestatus id=g1 type=1\n"
                 "expect 35=h 335=g1 336=KRKF 625=main 340=2 timeout=10\n"
                 "expect 35=h 335=g1 625=dead 340=3 58=* timeout=10\n"
                 "expect 35=h 335=g1 625=gone 340=3 timeout=10\n"
                 + new("m1", "account=main") + "expect 35=8 11=m1 150=0 timeout=10\n"
                 + new("m2", "account=dead") + "expect 35=8 11=m2 150=8 103=2 timeout=10\n"
                 "cancel id=m4 orig=m1\nexpect 35=8 150=4 timeout=10\nlogout\n", sender="MULTI")

    def test_dead_mans_switch(self):
        s = self.stack(account={"deadman_timeout": "10s"}, session={"cancel_account": "yes", "cancel_grace": "60s"})
        state = s.path("state")
        s.script(new("z1") + "expect 35=8 11=z1 150=0\nlogout\n", "--state", state, "--logon-field", "8013=Y",
                 "--logon-field", "35003=60000")
        self.assertTrue(self.admin(s, "venues")[0]["deadman_armed"])
        m, _ = AdminHttp(s).metrics()
        self.assertEqual(m['fixbridge_venue_deadman_timeout_seconds{account="main"}'], 10)
        self.assertLess(abs(m['fixbridge_venue_deadman_left_seconds{account="main"}']), 10.1)
        self.wait_until(s, lambda: "deadman_set" in s.control("/sim/audit"))
        self.assertEqual(len(self.open_orders(s)), 1)
        s.kill_bridge()                                  # our host dies: the venue cancels
        self.wait_until(s, lambda: not self.open_orders(s), seconds=30)
        s.start_bridge()
        s.script("expect 35=8 11=z1 150=4 378=7 timeout=20\nlogout\n", "--state", state)


if __name__ == "__main__":
    unittest.main(verbosity=2)
