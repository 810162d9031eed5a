#!/usr/bin/env python3
"""Access tokens that expire, end to end: the bridge renews ahead of the end, asks for one at a time, and
repeats a call once that the venue refused for its token."""
import json
import time
import unittest

from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
NEW = "new id=%s symbol=spot.btc_usdt side=buy qty=0.01 type=limit price=%d\n"


class Tokens(unittest.TestCase):
    def start(self, *sim):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", "b2prime", *sim)
        s.write_config(venue="b2prime", key="6891e70db552ff9c6fbbccf5", secret="OFFLINE-TOKEN-EXAMPLE",
                       account={"call_timeout": "2s", "poll_orders": "500ms"})
        s.start_bridge()
        return s

    def events(self, s, *names):
        lines = [json.loads(t) for t in s.control("/sim/audit").splitlines()]
        return [x for x in lines if x["event"] in names]

    def play(self, s, text):
        s.script(text + "logout\n", "--strict", seconds=60)

    def test_renewed_ahead_of_the_end_and_once_for_a_burst(self):
        life_s = 6
        s = self.start("--token-ms", str(life_s * 1000))
        s.fault(op="access-token", fault="delay_before", delay_ms=300)
        begun = time.monotonic()
        lines = ""
        for n in range(3):
            # Each burst arrives when the last token has less than a sixth of its life left, or is new.
            lines += "".join(NEW % ("b%d-%d" % (n, k), 50000 + 10 * n + k) for k in range(4))
            lines += "".join("expect 35=8 11=b%d-%d 150=0 timeout=10\n" % (n, k) for k in range(4))
            lines += "wait %d\n" % life_s
        self.play(s, lines)
        took_s = time.monotonic() - begun
        issued = [x["t"] for x in self.events(s, "token_issued")]
        self.assertEqual(self.events(s, "auth_refused"), [])    # no call went out with an ended one
        self.assertGreater(len(issued), 2)
        self.assertLess(len(issued), took_s / (life_s / 2) + 2)     # and not one for each call
        self.assertEqual(len(s.audit()), 12)
        s.stop_bridge()

    def test_one_repeat_after_a_401(self):
        s = self.start()
        s.fault(op="spot/orders", fault="error", error="401:The access token has expired", count=1)
        self.play(s, NEW % ("a", 50000) + "expect 35=8 11=a 150=0 timeout=10\n")
        self.assertEqual(len(self.events(s, "token_issued")), 2)
        self.assertEqual(len(s.audit()), 1)
        s.stop_bridge()

    def test_a_second_401_ends_it(self):
        s = self.start()
        s.fault(op="spot/orders", fault="error", error="401:The access token is not valid")
        self.play(s, NEW % ("a", 50000) + "expect 35=8 11=a 150=8 39=8 timeout=20\n")
        refused = [x for x in self.events(s, "refused") if x["op"] == "spot/orders"]
        self.assertEqual(len(refused), 2)
        self.assertEqual(s.audit(), {})
        s.stop_bridge()


if __name__ == "__main__":
    unittest.main(verbosity=2)
