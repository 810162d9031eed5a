#!/usr/bin/env python3
"""Lists of orders, positions and instruments, end to end: the real bridge, the venue's simulator, a FIX
client that checks every message against the dictionary. The batch endpoints are shown to be used by a fault
that only they have; the simulator's audit is the judge of what became of the orders."""
import unittest

from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()

# How many orders it takes until the venue prices a batch lower, and what its batch endpoints are called.
VENUES = {
    "kraken-futures": dict(account={}, symbol="PF_XBTUSD", qty="0.01", orders=3, place="batchorder",
                           cancel="batchorder"),
    "bybit": dict(secret="sim-secret", symbol="BTCUSDT", qty="0.01", orders=3, place="order/create-batch",
                  cancel="order/cancel-batch", account={"options": "category=linear settleCoin=USDT", "price_limit_apply": "yes"}),
    "bitget": dict(secret="sim-secret", symbol="BTCUSDT", qty="0.01", orders=12, place="order/batch-place-order",
                   cancel="order/batch-cancel-orders",
                   account={"passphrase": "sim-pass", "options": "productType=USDT-FUTURES marginCoin=USDT"}),
}


def order_list(list_id, v, first, count, price=50000):
    orders = " ".join(f"order id={list_id}-{i} price={price - 10 * i}" for i in range(first, first + count))
    return f"list id={list_id} symbol={v['symbol']} side=buy qty={v['qty']} {orders}\n"


class Lists(unittest.TestCase):
    def stack(self, name):
        v = VENUES[name]
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", name)
        account = {"poll_fills": "200ms", "poll_orders": "1s", "call_timeout": "2s", "order_wait_max": "20s"}
        account.update(v["account"])
        more = {"secret": v["secret"]} if "secret" in v else {}
        s.write_config(account=account, venue=name, **more)
        s.start_bridge()
        return s, v

    def fault(self, s, op, kind):
        return f'http POST {s.sim_url}/sim/fault {{"op":"{op}","fault":"{kind}","count":1}}\n'

    def play(self, name):
        s, v = self.stack(name)
        n = v["orders"]
        lines = [f"securities id=s1 symbol={v['symbol']}\n",
                 f"expect 35=y 320=s1 560=0 393=1 893=Y 55={v['symbol']} 561=* timeout=5\n",
                 "positions id=p1 account=main\n", "expect 35=AP 710=p1 728=2 timeout=10\n"]
        # a list, one order of it below any tick: that one is refused, the others rest
        lines += [order_list("A", v, 0, n).rstrip("\n") + " order id=A-bad price=50000.0123\n",
                  "expect 35=8 11=A-bad 150=8 39=8 66=A timeout=5\n",
                  f"expect 35=N 66=A 429=1 431=2 73={n + 1} timeout=5\n"]
        lines += [f"expect 35=8 11=A-{i} 150=0 66=A timeout=20\n" for i in range(n)]
        # one is filled: the position is told, the list goes on
        lines += ["status id=A-0\n", "expect 35=8 11=A-0 150=I timeout=5\n", "set order=$last.198\n",
                  f'http POST {s.sim_url}/sim/fill {{"order_id":"$order","size":{v["qty"]}}}\n',
                  "expect 35=8 11=A-0 150=F 39=2 66=A timeout=15\n",
                  "positions id=p2 account=main\n",
                  f"expect 35=AP 710=p2 728=0 727=1 55={v['symbol']} 704={v['qty']} timeout=10\n",
                  "liststatus id=A\n", "expect 35=N 66=A 429=2 431=3 timeout=5\n"]
        # all that is left is canceled, in a batch whose answer is lost
        lines += [self.fault(s, v["cancel"], "act_drop"), "listcancel id=A\n",
                  "expect 35=N 66=A 429=2 431=4 timeout=5\n"]
        lines += [f"expect 35=8 11=A-{i} 150=4 39=4 66=A timeout=40\n" for i in range(1, n)]
        lines += ["expect 35=N 66=A 429=5 431=6 timeout=20\n"]
        # placed in a batch, and the answer lost: every one is looked up
        lines += [self.fault(s, v["place"], "act_drop"), order_list("B", v, 0, n)]
        lines += [f"expect 35=8 11=B-{i} 150=A 58~unknown timeout=10\n" for i in range(n)]
        lines += [f"expect 35=8 11=B-{i} 150=0 timeout=40\n" for i in range(n)]
        # not placed, and nobody told
        lines += ["wait 1.5\n", self.fault(s, v["place"], "drop"), order_list("C", v, 0, n, price=40000)]
        lines += [f"expect 35=8 11=C-{i} 150=8 39=8 timeout=90\n" for i in range(n)]
        lines += ["expect 35=N 66=C 429=5 431=6 timeout=10\n",
                  "masscancel id=q1 type=7\n", f"expect 35=r 11=q1 531=7 533={n} timeout=60\n",
                  "expect 35=N 66=B 429=5 431=6 timeout=10\n", "logout\n"]
        s.script("".join(lines), "--strict", seconds=280)
        states = sorted(o["status"] for o in s.audit().values())
        self.assertEqual(states, ["cancelled"] * (2 * n - 1) + ["filled"], s.audit())
        for client_id, o in s.audit().items():
            self.assertEqual(o["duplicates_refused"], 0, client_id)
        s.stop_bridge()

    def test_kraken_futures(self):
        self.play("kraken-futures")

    def test_bybit(self):
        self.play("bybit")

    def test_bitget(self):
        self.play("bitget")

    def test_a_list_goes_on_after_a_crash(self):
        s, v = self.stack("kraken-futures")
        s.script(order_list("A", v, 0, 3) + "".join(f"expect 35=8 11=A-{i} 150=0 timeout=20\n" for i in range(3)) +
                 "logout\n", "--strict")
        s.kill_bridge()
        s.start_bridge()
        s.script("liststatus id=A\nexpect 35=N 66=A 429=2 431=3 73=3 timeout=10\nlistcancel id=A\n" +
                 "".join(f"expect 35=8 11=A-{i} 150=4 39=4 timeout=20\n" for i in range(3)) +
                 "expect 35=N 66=A 429=5 431=6 timeout=10\n" + order_list("A", v, 5, 1) +
                 "expect 35=j 372=E 379=A 380=0 timeout=10\nlogout\n", "--reset", "--strict")
        self.assertEqual(sorted(o["status"] for o in s.audit().values()), ["cancelled"] * 3)
        s.stop_bridge()


if __name__ == "__main__":
    unittest.main(verbosity=2)
