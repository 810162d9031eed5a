#!/usr/bin/env python3
"""`fixbridge journal` on the journal of the real bridge: while it runs, after it, and after damage."""
import csv
import json
import os
import subprocess
import unittest

from stack import Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()


def order(name, qty="1"):
    return (f"new id={name} symbol=PF_XBTUSD side=buy qty={qty} type=limit price=50000\n"
            f"expect 35=8 11={name} 150=0\n")


class JournalCommands(unittest.TestCase):
    def setUp(self):
        self.s = s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--status-memory-ms", "5000")
        s.write_config(account={"poll_fills": "50ms"}, fixbridge={"journal_segment": 1})
        s.start_bridge()
        self.state = s.path("client.state")

    def script(self, text, **kw):
        return self.s.script(text, "--state", self.state, **kw)

    def journal(self, *words, code=0):
        p = subprocess.run([self.s.program("fixbridge"), "journal", *words], text=True, capture_output=True,
                           timeout=60)
        self.assertEqual(p.returncode, code, p.stdout + p.stderr)
        return p.stdout

    def test_journal_commands_while_it_runs(self):
        s = self.s
        self.script(order("j1", "0.5") + "set order=$last.198\n"
                    f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":0.5}}\n'
                    "expect 35=8 11=j1 150=F 39=2\n" + order("j2") + "logout\n")
        directory, out = s.path("journal"), s.path("export")
        self.assertIn("ok:", self.journal("verify", directory))
        lines = self.journal("dump", directory, "--order", "j1").splitlines()
        self.assertTrue(any(" fill " in line and "qty=0.5 px=50000" in line for line in lines), lines)
        self.assertFalse(any("j2" in line for line in lines), lines)
        self.assertIn(" sent session=ACME seq=", self.journal("dump", directory, "--session", "ACME"))
        self.assertEqual(self.journal("dump", directory, "--session", "NOBODY"), "")
        self.journal("export", directory, out)
        with open(os.path.join(out, "orders.csv"), newline="") as f:
            orders = {row["cl_ord_id"]: row for row in csv.DictReader(f)}
        self.assertEqual((orders["j1"]["state"], orders["j1"]["cum_qty"], orders["j1"]["avg_px"]),
                         ("filled", "0.5", "50000"))
        self.assertEqual((orders["j2"]["state"], orders["j2"]["leaves_qty"]), ("live", "1"))
        with open(os.path.join(out, "fills.jsonl")) as f:
            fills = [json.loads(line) for line in f]
        self.assertEqual([(f["cl_ord_id"], f["qty"], f["px"]) for f in fills], [("j1", "0.5", "50000")])
        self.journal("repair", directory, code=3)

    def test_damage_is_named_and_given_up_by_command_only(self):
        s = self.s
        self.script(order("r1") + order("r2") + "logout\n")
        s.stop_bridge()
        directory = s.path("journal")
        place = next(line.split()[1] for line in self.journal("dump", directory).splitlines()
                     if " order " in line and '"r2"' in line)
        offset = int(place.split(":")[1])
        with open(os.path.join(directory, "00000001.journal"), "r+b") as f:
            f.seek(offset + 20)
            byte = f.read(1)
            f.seek(offset + 20)
            f.write(bytes([byte[0] ^ 1]))
        told = self.journal("verify", directory, code=1)
        damage = told.split("first damage at ")[1].split(";")[0]
        self.assertIn("00000001.journal", told)
        with self.assertRaises(Failure):
            s.start_bridge()
        self.assertIn(f"--drop-after {damage}", self.journal("repair", directory, code=1))
        self.assertEqual(self.journal("verify", directory, code=1), told)
        lost = self.journal("repair", directory, "--drop-after", damage)
        self.assertIn("lost: ", lost)
        self.assertIn("11=r2", lost)
        self.assertIn("repaired:", lost)
        self.assertIn("ok:", self.journal("verify", directory))
        self.assertEqual(len([n for n in os.listdir(directory) if n.startswith("00000001.journal.2")]), 1)
        s.start_bridge()

    def read_segment(self, number=1):
        with open(self.s.path(f"journal/{number:08}.journal"), "rb") as f:
            return f.read()

    def write_segment(self, data, number=1):
        with open(self.s.path(f"journal/{number:08}.journal"), "wb") as f:
            f.write(data)

    def end(self):
        """Offset of the end of the last segment, by verify."""
        return int(self.journal("verify", self.s.path("journal")).split("ends at ")[1].split(":")[1])

    def test_torn_tail_is_noted_and_cut_by_command(self):
        s = self.s
        self.script(order("t1") + "logout\n")
        s.kill_bridge()
        directory, end = s.path("journal"), self.end()
        self.write_segment(self.read_segment()[:end - 7])
        self.assertIn("unfinished batch", self.journal("verify", directory))
        self.assertIn("cut off:", self.journal("repair", directory))
        self.assertNotIn("unfinished", self.journal("verify", directory))
        self.assertIn("nothing to repair", self.journal("repair", directory))
        self.journal("repair", directory, "--drop-after", "1:64", code=2)
        s.start_bridge()

    def test_damage_in_an_early_segment_and_a_missing_one(self):
        s = self.s
        self.script("".join(order(f"e{i}", "0.001") for i in range(30)) + "logout\n")
        s.stop_bridge()
        end, directory = self.end(), s.path("journal")
        good = self.read_segment()
        batch = good[64:end]
        # A second segment that begins where a third one would: the journal has a hole.
        self.write_segment(good, 3)
        self.assertIn("one is missing", self.journal("verify", directory, code=1))
        self.assertIn("nothing was changed", self.journal("repair", directory, code=1))
        os.unlink(s.path("journal/00000003.journal"))
        self.assertIn("ok:", self.journal("verify", directory))
        # Cut in the middle with whole batches behind: damage, and the batches behind are told.
        self.write_segment(good[:end - len(batch) // 2] + b"?" + good[end - len(batch) // 2 + 1:])
        told = self.journal("repair", directory, code=1)
        self.assertRegex(told, r"behind it [1-9]\d* whole batches with [1-9]\d* records")
        self.assertIn("lost: ", told)

    def test_wrong_use(self):
        directory = self.s.path("journal")
        for words in ((), ("verify",), ("frobnicate", directory), ("verify", directory, "--order", "x"),
                      ("dump", directory, "--session"), ("export", directory), ("dump", directory, "x")):
            self.journal(*words, code=2)
        self.journal("verify", directory + "-nowhere", code=3)
        self.assertIn("repair", self.journal("help"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
