#!/usr/bin/env python3
"""Venues whose clock is an hour off ours, ahead or behind: the bridge learns their time and orders pass."""
import unittest

from stack import Stack, bin_dir_from_argv
from venue_list import VENUES, configure

BIN = bin_dir_from_argv()
HOUR_MS = 3600 * 1000


class Clocks(unittest.TestCase):
    def trade(self, name, offset_ms):
        v = VENUES[name]
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", v.get("venue", name), "--clock-offset-ms", str(offset_ms))
        configure(s, name)
        s.start_bridge()
        s.script(f"new id=a symbol={v['symbol']} side=buy qty={v['qty']} type=limit price={v['price']}\n"
                 "expect 35=8 11=a 150=0 timeout=30\ncancel id=b orig=a\nexpect 35=8 11=b 150=4 timeout=30\n"
                 "logout\n", "--strict", seconds=90)
        self.assertEqual([o["status"] for o in s.audit().values()], ["cancelled"])
        s.stop_bridge()


def add(name):
    def both(self):
        for offset_ms in (HOUR_MS, -HOUR_MS):
            with self.subTest(offset_ms=offset_ms):
                self.trade(name, offset_ms)
    setattr(Clocks, "test_" + name.replace("-", "_"), both)


for each in VENUES:
    add(each)

if __name__ == "__main__":
    unittest.main(verbosity=2)
