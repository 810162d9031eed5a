#!/usr/bin/env python3
"""The same story at each venue that is traded by FIX, end to end: the real bridge, the venue's simulator,
a FIX client. The simulator's audit is the judge: nothing was sent twice, and its orders are in the state
that the client was told."""
import unittest

from stack import Stack, bin_dir_from_argv
from venue_list import VENUES, configure

BIN = bin_dir_from_argv()


class Venues(unittest.TestCase):
    def stack(self, name):
        v = VENUES[name]
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", v.get("venue", name), "--rate-factor", "10", *v.get("sim", ()))
        configure(s, name)
        s.start_bridge()
        return s, v

    def play(self, name):
        s, v = self.stack(name)
        new = f"new id=%s symbol={v['symbol']} side=buy qty=%s type=limit price={v['price']}\n"
        lines = [new % ("a1", v["qty"]), "expect 35=8 11=a1 150=0 timeout=10\n", "set order=$last.198\n"]
        part = str(float(v["qty"]) / 2).rstrip("0").rstrip(".")
        lines += [f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":{part}}}\n',
                  "expect 35=8 11=a1 150=F 39=1 timeout=15\n"]
        dust = f"{v['price']}0000001" if "." in str(v["price"]) else f"{v['price']}.0123"     # finer than the tick
        # Where the venue cannot change an order, it is canceled and the rest placed, if the client says so.
        extra = "" if v["replace"] else " 22109=Y"
        lines += [f"replace id=a2 orig=a1 qty={v['more']} price={v['better']}{extra}\n",
                  "expect 35=8 11=a2 150=5 14=%s timeout=40\n" % part]
        lines += ["cancel id=a3 orig=a2\n", "expect 35=8 11=a3 150=4 39=4 timeout=20\n",
                  # its fill is told before the answer to its placement is
                  f'http POST {s.sim_url}/sim/fault {{"op":"{v["place"]}","fault":"delay_after","delay_ms":700,'
                  '"count":1}\n',
                  f"new id=m1 symbol={v['symbol']} side=buy qty={v['qty']} type=market\n",
                  "expect 35=8 11=m1 150=F 39=2 timeout=15\n",
                  f"new id=r1 symbol={v['symbol']} side=buy qty={v['qty']} type=limit price={dust}\n",
                  "expect 35=8 11=r1 150=8 39=8 timeout=5\n",
                  # acted, and the answer lost; then not acted, and nobody told
                  f'http POST {s.sim_url}/sim/fault {{"op":"{v["place"]}","fault":"act_drop","count":1}}\n',
                  new % ("t1", v["qty"]), "expect 35=8 11=t1 150=A 58~unknown timeout=10\n",
                  "expect 35=8 11=t1 150=0 timeout=20\n",
                  *([f'http POST {s.sim_url}/sim/fault {{"op":"{v["place"]}","fault":"drop","count":1}}\n',
                     new % ("t2", v["qty"]), "expect 35=8 11=t2 150=A 58~unknown timeout=10\n",
                     "expect 35=8 11=t2 150=8 39=8 timeout=60\n"] if v.get("proves_absence", True) else []),
                  # a fill while the client is away
                  new % ("w1", v["qty"]), "expect 35=8 11=w1 150=0 timeout=20\n", "set order=$last.198\n",
                  "disconnect\n",
                  f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":{v["qty"]}}}\n',
                  "connect\n", "expect 35=8 11=w1 150=F 39=2 timeout=20\n",
                  "masscancel id=q1 type=7\n", "expect 35=8 11=t1 150=4 timeout=30\n",
                  "expect 35=r 11=q1 531=7 533=1 timeout=30\n", "logout\n"]
        s.script("".join(lines), "--strict", seconds=240)
        states = sorted(o["status"] for o in s.audit().values())
        self.assertEqual(states, ["cancelled"] * (2 if v["replace"] else 3) + ["filled", "filled"], s.audit())
        for client_id, o in s.audit().items():
            self.assertEqual(o["duplicates_refused"], 0, client_id)
        s.stop_bridge()


def add(name):
    setattr(Venues, "test_" + name.replace("-", "_"), lambda self: self.play(name))


for each in VENUES:
    add(each)

if __name__ == "__main__":
    unittest.main(verbosity=2)
