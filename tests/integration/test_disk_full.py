#!/usr/bin/env python3
"""A disk that fills under the journal: sessions are told and ended, nothing is lost or doubled, and trade
goes on when space returns; also across kill -9. Needs root and mount(8) for a small tmpfs; skipped without."""
import os
import re
import select
import subprocess
import time
import unittest

from stack import Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
MIB = 1024 * 1024
DISK_MIB, SEGMENT_MIB, RESERVE_MIB = 8, 1, 1


def order(name, qty="1"):
    return (f"new id={name} symbol=PF_XBTUSD side=buy qty={qty} type=limit price=50000\n"
            f"expect 35=8 11={name} 150=0\n")


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.s = s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        os.mkdir(s.path("journal"))
        try:
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs",
                                      s.path("journal")], capture_output=True, text=True)
        except OSError as e:
            self.skipTest(f"no mount here: {e}")
        if mounted.returncode != 0:
            self.skipTest(f"a tmpfs cannot be mounted here (root is needed): {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", s.path("journal")])
        s.start_sim("--status-memory-ms", "5000")
        s.write_config(account={"bulk_cancel": "yes", "poll_fills": "50ms", "poll_orders": "300ms"},
                       fixbridge={"journal_segment": SEGMENT_MIB, "journal_free_min": RESERVE_MIB})
        s.start_bridge()
        self.state = s.path("client.state")

    def fill_disk(self, leave=0):
        """The disk holds `leave` free bytes afterwards."""
        st = os.statvfs(self.s.path("journal"))
        with open(self.s.path("journal/ballast"), "ab") as f:
            left = st.f_bavail * st.f_frsize - leave
            try:
                while left > 0:
                    left -= f.write(b"x" * min(left, 65536))
                    f.flush()
            except OSError:
                pass

    def free_disk(self):
        os.unlink(self.s.path("journal/ballast"))

    def wait_log(self, *words, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(self.s.path("bridge.log")) as f:
                for line in f:
                    if all(w in line for w in words):
                        return line
            select.select([], [], [], 0.02)
        raise Failure(f"no line of the log with {words}")

    def log_count(self, *words):
        with open(self.s.path("bridge.log")) as f:
            return sum(all(w in line for w in words) for line in f)

    def script(self, text, *options, **kw):
        return self.s.script(text, "--state", self.state, *options, **kw)

    def journal(self, *words, code=0):
        p = subprocess.run([self.s.program("fixbridge"), "journal", *words], text=True, capture_output=True,
                           timeout=60)
        self.assertEqual(p.returncode, code, p.stdout + p.stderr)
        return p.stdout

    def admin(self, *words):
        return self.s.spawn([self.s.program("fixbridge"), "--config", self.s.path("fixbridge.conf"), "admin", *words],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def stalled_client(self, name):
        """A client that trades until it is told."""
        path = self.s.path("stalled.script")
        with open(path, "w") as f:
            f.write(order(name) + "expect 35=5 58~Journal timeout=30\nprint told\n")
        p = self.s.spawn(self.s.client_argv("--script", path, "--state", self.state), stdout=subprocess.PIPE)
        return p

    def judge(self, names):
        """Every order once at the venue, and the journal whole."""
        audit = self.s.audit()
        self.assertEqual(len(audit), len(names), audit)
        for client_id, o in audit.items():
            self.assertEqual(o["duplicates_refused"], 0, client_id)
        self.assertIn("ok:", self.journal("verify", self.s.path("journal")))

    def until_told(self, name):
        client = self.stalled_client(name)
        end = time.monotonic() + 20
        while len(self.s.audit()) == 0 and time.monotonic() < end:
            select.select([], [], [], 0.02)
        self.fill_disk()
        self.wait_log("journal.space", "to=stalled")
        out, _ = client.communicate(timeout=60)
        self.assertEqual(client.returncode, 0, out)
        self.assertIn("Journal full", out)

    def refused(self):
        p = subprocess.run(self.s.client_argv("--script", "-", "--wait-logon", "2", sender="ACME"), text=True,
                           input="logout\n", capture_output=True, timeout=30)
        self.assertNotEqual(p.returncode, 0, p.stdout)
        self.wait_log("session.refused", "journal is full")

    def test_sessions_are_told_and_trade_goes_on_when_space_returns(self):
        self.until_told("d1")
        self.refused()
        client_id = next(iter(self.s.audit()))
        self.s.control("/sim/fill", {"cliOrdId": client_id, "size": 1})
        self.free_disk()
        self.wait_log("journal.space", "from=stalled")
        self.script("expect 35=8 11=d1 150=F 39=2 14=1 timeout=20\n" + order("d2") +
                    "forbid 35=8 150=F timeout=0.5\nlogout\n")
        self.assertEqual(self.log_count("journal.space", "to=stalled"), 1)
        self.s.stop_bridge()
        self.judge(["d1", "d2"])

    def test_kill_while_stalled(self):
        self.until_told("k1")
        self.s.kill_bridge()
        self.s.start_bridge(trading=False)
        self.wait_log("journal.space", "from=enough", "to=stalled")
        self.refused()
        self.free_disk()
        self.wait_log("journal.space", "from=stalled")
        client_id = next(iter(self.s.audit()))
        self.s.control("/sim/fill", {"cliOrdId": client_id, "size": 1})
        self.script("expect 35=8 11=k1 150=F 39=2 14=1 timeout=20\n" + order("k2") + "logout\n")
        self.s.stop_bridge()
        self.judge(["k1", "k2"])

    def test_early_warning_at_twice_the_reserve(self):
        self.fill_disk(leave=int(1.7 * RESERVE_MIB * MIB))
        self.wait_log("journal.space", "to=scarce")
        self.script(order("w1") + "logout\n")
        self.free_disk()
        self.wait_log("journal.space", "from=scarce", "to=enough")

    def use_up_segment(self, name):
        """Fills of one order, until not even the segment has room: the journal is blocked. Returns how
        many fills of 0.1 there were."""
        self.s.script(order(name, "900") + "disconnect\n",
                      "--state", self.state)
        client_id = next(iter(self.s.audit()))
        self.fill_disk()
        self.wait_log("journal.space", "to=stalled")
        filled = 0
        while self.log_count("journal.space", "to=blocked") == 0:
            if filled >= 8000:      # far more than fit: the bridge has only to come to them
                self.wait_log("journal.space", "to=blocked", seconds=60)
                break
            for _ in range(50):
                self.s.control("/sim/fill", {"cliOrdId": client_id, "size": 0.1})
            filled += 50
        return filled

    def twice(self, ids):
        """The raw messages of the first ExecID that came twice."""
        twice = sorted({i for i in ids if ids.count(i) > 1}) if len(ids) != len(set(ids)) else []
        with open(self.s.path("raw.log")) as f:
            raw = [line for line in f if twice and f"|17={twice[0]}|" in line]
        return f"{len(set(ids))} different ones, {len(twice)} twice:\n{''.join(raw)}"

    def continue_after_block(self, name, filled):
        """All fills arrive in the end, each once."""
        out = self.script(f"expect 35=8 11={name} 150=F 14={filled // 10} timeout=60\n" + order(name + "x") +
                          "wait 0.5\nlogout\n", "--log", self.s.path("raw.log"), "--log-pipe")
        ids = re.findall(rf"<- ExecutionReport ExecType=TRADE\(F\) .*ClOrdID={name} .* ExecID=(\S+)", out)
        self.assertEqual(len(ids), filled, self.twice(ids))
        self.assertEqual(len(set(ids)), filled)
        self.s.stop_bridge()
        self.judge([name, name + "x"])
        self.s.start_bridge()
        self.s.stop_bridge()

    def test_blocked_until_space_returns(self):
        filled = self.use_up_segment("b1")
        self.refused()
        waiting = self.admin("disable", "ACME")
        self.assertIn("no answer yet", waiting.stderr.readline())
        self.free_disk()
        self.assertIn('"ok":true', waiting.communicate(timeout=60)[0])
        self.assertIn('"ok":true', self.admin("enable", "ACME").communicate(timeout=60)[0])
        self.wait_log("journal.space", "from=blocked")
        self.wait_log("journal.space", "to=enough")
        self.continue_after_block("b1", filled)

    def test_kill_while_blocked(self):
        filled = self.use_up_segment("q1")
        self.s.kill_bridge()
        self.assertIn("ok:", self.journal("verify", self.s.path("journal")))
        self.s.start_bridge(trading=False)
        self.refused()
        self.free_disk()
        self.wait_log("journal.space", "to=enough")
        self.continue_after_block("q1", filled)

    def test_stop_while_blocked_ends_in_time_and_says_so(self):
        self.use_up_segment("t1")
        self.s.bridge.terminate()
        self.assertEqual(self.s.bridge.wait(60), 3)
        self.free_disk()
        self.s.start_bridge()
        self.s.stop_bridge()
        self.judge(["t1"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
