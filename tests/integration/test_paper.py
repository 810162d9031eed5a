#!/usr/bin/env python3
"""Paper trading end to end at each dialect of the simulator: a resting order of a FIX client is filled because
the simulator's price moves through it, and the ExecutionReport reaches the client. And a morning's orders are sent
again from the bridge's own message log."""
import json
import unittest
from decimal import Decimal

from stack import Stack, bin_dir_from_argv
from venue_list import VENUES, configure

BIN = bin_dir_from_argv()


class Paper(unittest.TestCase):
    def stack(self, name):
        v = VENUES[name]
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", v.get("venue", name), "--rate-factor", "10", "--seed", "4", *v.get("sim", ()))
        configure(s, name)
        s.start_bridge()
        return s, v

    def play(self, name):
        s, v = self.stack(name)
        market = next(i for i in self.state(s)["instruments"] if i["symbol"] == v["symbol"])
        tick = Decimal(market["tick"])
        low, high = Decimal(market["bid"]) - 20 * tick, Decimal(market["ask"]) + 20 * tick
        s.script(f"new id=b1 symbol={v['symbol']} side=buy qty={v['qty']} type=limit price={low:f}\n"
                 "expect 35=8 11=b1 150=0 timeout=15\n"
                 f"new id=s1 symbol={v['symbol']} side=sell qty={v['qty']} type=limit price={high:f}\n"
                 "expect 35=8 11=s1 150=0 timeout=15\n"
                 "forbid 35=8 150=F timeout=0.5\n"      # the price stands: nothing may trade
                 f'http POST {s.sim_url}/sim/walk {{"steps":5000,"basis_points":20}}\n'
                 f"expect 35=8 11=b1 150=F 39=2 31={low:f} 14={v['qty']} timeout=20\n"
                 f"expect 35=8 11=s1 150=F 39=2 31={high:f} 14={v['qty']} timeout=20\n")
        state = self.state(s)
        self.assertEqual(state["orders"], [])
        self.assertEqual(sorted(Decimal(f["price"]) for f in state["fills"]), [low, high])
        s.stop_bridge()

    def test_the_bridges_message_log_is_replayed(self):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        log = s.path("messages.log")
        s.write_config(fixbridge={"log_messages": log})
        s.start_bridge()
        order = "new id={} symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11={} 150=0 timeout=10\n"
        s.script(order.format("l1", "l1") + order.format("l2", "l2")
                 + "cancel id=l3 orig=l2\nexpect 35=8 11=l3 150=4 timeout=10\n", "--state", s.path("client"))
        out = s.script(f"replay {log} speed=max ids=fresh\nexpect 35=8 150=4 timeout=10\nexpect 35=8 150=0 timeout=10\n"
                       "expect 35=8 150=0 timeout=10\n", "--state", s.path("client"))
        self.assertIn("3 messages sent again", out)
        self.assertIn("0 unreadable", out)
        self.assertEqual(len(self.state(s)["orders"]), 2)       # l1 and what it became
        s.stop_bridge()

    def state(self, s):
        return json.loads(s.control("/sim/state"))


def add(name):
    setattr(Paper, "test_" + name.replace("-", "_"), lambda self: self.play(name))


for each in ("kraken-futures", "bybit-linear", "bitget", "bitget-mix-v1", "coinswitch", "b2prime"):
    add(each)


if __name__ == "__main__":
    unittest.main()
