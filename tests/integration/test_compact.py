#!/usr/bin/env python3
"""Compaction of the real bridge's journal: orders, ClOrdIDs and session numbers outlive it and a kill -9; what
was sent before is answered by a gap fill once its retention is over; the tools read what it leaves."""
import json
import os
import re
import select
import subprocess
import time
import unittest

from peer import Peer
from stack import Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()


class Compact(unittest.TestCase):
    def stack(self, **fixbridge):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_config(account={"poll_fills": "50ms"}, fixbridge={"journal_segment": 1, **fixbridge})
        s.start_bridge()
        return s

    def told(self, s, event):
        with open(s.path("bridge.log")) as f:
            return f.read().count(event)

    def compact(self, s):
        before = self.told(s, "journal.compacted")
        p = subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "admin", "compact"],
                           text=True, capture_output=True, timeout=60)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        end = time.monotonic() + 20
        while self.told(s, "journal.compacted") == before:
            self.assertLess(time.monotonic(), end, "the journal was not compacted")
            select.select([], [], [], 0.01)

    def files(self, s):
        return sorted(n for n in os.listdir(s.path("journal")) if n[:8].isdigit())

    def order(self, p, name):
        p.order(name, symbol="PF_XBTUSD")
        return p.expect(t35="8", t11=name, t150="0")

    def journal(self, s, *words):
        p = subprocess.run([s.program("fixbridge"), "journal", *words], text=True, capture_output=True, timeout=60)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        return p.stdout

    def test_orders_and_numbers_outlive_it_and_a_kill(self):
        s = self.stack()
        p = Peer(s.port)
        self.addCleanup(p.close)
        p.logon()
        first = self.order(p, "c1")
        self.compact(s)
        last = self.order(p, "c2")
        s.kill_bridge()
        p.close()
        self.assertEqual(self.files(s), ["00000001.journal", "00000002.journal", "00000002.snapshot"])
        self.assertIn("read from snapshot 2", self.journal(s, "verify", s.path("journal")))
        self.assertIn("kept-order", self.journal(s, "dump", s.path("journal"), "--order", "c1"))
        s.start_bridge()
        q = Peer(s.port)
        self.addCleanup(q.close)
        q.seq = p.seq
        self.assertGreater(int(q.logon()["34"]), int(last["34"]))
        for name, known in (("c1", first), ("c2", last)):
            q.send("H", f"11={name}", "54=1", "55=PF_XBTUSD")
            self.assertEqual(q.expect(t35="8", t11=name, t150="I")["37"], known["37"])
        q.order("c1", symbol="PF_XBTUSD")
        self.assertEqual(q.expect(t35="8", t150="8")["103"], "6")
        q.send("2", "7=1", "16=0") # its messages are young: they come again
        self.assertEqual(q.expect(t35="8", t43="Y", t11="c1", t150="0")["37"], first["37"])

    def test_a_resend_of_what_is_gone_is_a_gap_fill(self):
        s = self.stack(retain_messages=0)
        p = Peer(s.port)
        self.addCleanup(p.close)
        p.logon()
        self.order(p, "g1")
        self.compact(s)
        kept = self.order(p, "g2")
        s.kill_bridge()
        p.close()
        self.assertNotIn("00000001.journal", self.files(s))
        s.start_bridge()
        q = Peer(s.port)
        self.addCleanup(q.close)
        q.seq = p.seq
        q.logon()
        q.send("2", "7=1", "16=0")
        gap = q.expect(t35="4")
        self.assertEqual((gap["34"], gap["123"], gap["43"]), ("1", "Y", "Y"))
        self.assertLessEqual(int(gap["36"]), int(kept["34"]))
        self.assertEqual(q.expect(t35="8", t43="Y", t11="g2", t150="0")["34"], kept["34"])

    def test_a_session_that_was_idle_all_the_time_resumes(self):
        s = self.stack(retain_messages=0)
        p = Peer(s.port)
        self.addCleanup(p.close)
        p.logon()
        self.order(p, "i1")
        p.send("5")
        p.expect(t35="5")
        p.close()
        for _ in range(3):
            self.compact(s)
        s.stop_bridge()
        s.start_bridge()
        self.compact(s)
        s.kill_bridge()
        s.start_bridge()
        with open(s.path("bridge.log")) as f:
            out = [line for line in f if "session.down" in line][-1]
        q = Peer(s.port)
        self.addCleanup(q.close)
        q.seq = p.seq
        self.assertEqual(q.logon()["34"], re.search(r"next_out=(\d+)", out).group(1))
        q.order("i1", symbol="PF_XBTUSD")
        self.assertEqual(q.expect(t35="8", t150="8")["103"], "6")

    def test_damage_in_a_snapshot_is_named_and_refused(self):
        s = self.stack(retain_messages=0)
        p = Peer(s.port)
        self.addCleanup(p.close)
        p.logon()
        self.order(p, "d1")
        self.compact(s)
        s.stop_bridge()
        path = s.path("journal/00000002.snapshot")
        with open(path, "rb") as f:
            good = f.read()
        with open(path, "wb") as f:
            f.write(good[:200] + bytes([good[200] ^ 1]) + good[201:])
        with self.assertRaises(Failure):
            s.start_bridge()
        with open(s.path("bridge.log")) as f:
            self.assertIn("00000002.snapshot: offset 64: snapshot damaged", f.read())
        told = subprocess.run([s.program("fixbridge"), "journal", "repair", s.path("journal")], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(told.returncode, 1, told.stdout)
        self.assertIn("from a backup", told.stdout)
        with open(path, "wb") as f:
            f.write(good)
        s.start_bridge()

    def test_export_after_compaction_tells_the_same(self):
        s = self.stack(retain_messages=0)
        p = Peer(s.port)
        self.addCleanup(p.close)
        p.logon()
        known = self.order(p, "x1")
        s.control("/sim/fill", {"order_id": known["198"], "size": 1})
        p.expect(t35="8", t11="x1", t150="F")

        def export(name):
            self.journal(s, "export", s.path("journal"), s.path(name))
            out = []
            for file in ("orders.jsonl", "fills.jsonl"):
                with open(os.path.join(s.path(name), file)) as f:
                    out.append([{k: v for k, v in json.loads(line).items() if k != "lsn"} for line in f])
            return out

        before = export("before")
        self.assertEqual(len(before[1]), 1)
        self.compact(s)
        self.assertEqual(export("after"), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
