#!/usr/bin/env python3
"""Unknown outcomes of every operation at each venue, end to end: the answer to a placement, a cancel, a
replace, a bulk cancel, a batch is lost, once after the venue acted and once before. Each is settled by
questions within a bounded time, told to the client, and seen in metrics and status while it is open. The
simulator's audit is the judge: nothing was sent twice, and its orders are what the client was told."""
import json
import subprocess
import sys
import time
import unittest

from admin_http import AdminHttp
from patient_client import PatientClient
from raw_fix import stamp
from stack import Failure, Stack, bin_dir_from_argv
from venue_list import VENUES, configure

BIN = bin_dir_from_argv()

# What each operation is called by the simulator; absent: the venue, or what we make of it, has none. `orders`:
# from how many on a batch is cheaper.
OPS = {
    "kraken-futures": dict(cancel="cancelorder", amend="editorder", bulk="cancelallorders",
                           place_batch="batchorder", cancel_batch="batchorder", orders=3),
    "bybit-linear": dict(cancel="order/cancel", amend="order/amend", bulk="order/cancel-all",
                         place_batch="order/create-batch", cancel_batch="order/cancel-batch", orders=3),
    "bitget": dict(cancel="order/cancel-order", bulk="order/cancel-all-orders",
                   place_batch="order/batch-place-order", cancel_batch="order/batch-cancel-orders", orders=12),
    "bitget-mix-v1": dict(cancel="order/cancel", bulk="order/cancelAll"),
    "coinswitch": dict(cancel="DELETE order", bulk="cancel_all"),
    "b2prime": dict(cancel="orders/cancel"),
}

# Applied or not, and how it looks: the connection breaks, or a 500.
APPLIED = {True: ("act_drop", "error_after"), False: ("drop", "error_before")}

BOUND = 90      # seconds: CoinSwitch's and Bitget v1's lists need 30 before their silence counts


class Story:
    def __init__(self, test, name):
        self.test, self.name = test, name
        self.v = dict(VENUES[name], **OPS[name])
        self.s = s = Stack(BIN)
        test.addCleanup(s.__exit__, None, None, None)
        s.start_sim("--venue", self.v.get("venue", name), "--rate-factor", "20", *self.v.get("sim", ()))
        configure(s, name, bulk_cancel="yes")
        s.write_config(**dict(s.config_args, fixbridge={"mass_cancel_max": "120s"}))
        s.start_bridge()
        self.admin = AdminHttp(s)
        self.c = PatientClient(s.port)
        test.addCleanup(self.c.drop)
        self.count, self.faults = 0, 0
        self.what = name
        self.wait(lambda: self.c.up)

    def begin(self, op, applied):
        self.what = f"{self.name} {op} {'applied' if applied else 'not applied'}"

    # ---- the client

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while not what():
            self.c.poll(0.02)
            if time.monotonic() > end:
                raise Failure(f"{self.what}: not within {seconds} s; got {self.c.messages[-6:]}")
        return what()

    def get(self, seconds=20, **wanted):
        return self.wait(lambda: self.c.find(**wanted), seconds)

    def id(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def terms(self, qty, price):
        return [("55", self.v["symbol"]), ("54", 1), ("60", stamp()), ("38", qty), ("40", 2), ("44", price)]

    def place(self):
        """The ClOrdID of an order that rests."""
        order = self.id("n")
        self.c.send("D", [("11", order), *self.terms(self.v["qty"], self.price())])
        self.get(t35="8", t11=order, t150="0")
        return order

    def price(self):
        """Another one each time: where the venue takes no ids, orders that look alike wait for each other."""
        self.step = getattr(self, "step", 0) + 1
        return self.v["price"] - 10 * self.step

    def cancel(self, order):
        name = self.id("x")
        self.c.send("F", [("11", name), ("41", order), ("55", self.v["symbol"]), ("54", 1), ("60", stamp())])
        self.get(t35="8", t11=name, t150="6")
        return name

    # ---- faults, and what is seen of them

    def fault(self, op, applied):
        kinds = APPLIED[applied]
        self.s.fault(op=self.v[op], fault=kinds[self.faults % len(kinds)], count=1)
        self.faults += 1

    def is_open(self):
        figures, _ = self.admin.metrics()
        return figures['fixbridge_unknown_outcomes{account="main"}'] > 0

    def watch(self, what, seconds=BOUND):
        """As `wait`, and looks whether the open outcome is to be seen meanwhile, in metrics and status."""
        since = time.monotonic()
        metrics = status = False
        while not what():
            self.c.poll(0.02)
            metrics = metrics or self.is_open()
            status = status or "being looked up at the venue" in json.dumps(self.admin.get("/api/overview")["alarms"])
            if time.monotonic() > since + seconds:
                raise Failure(f"{self.what}: not settled within {seconds} s; got {self.c.messages[-6:]}")
        print(f"    {self.what}: settled in {time.monotonic() - since:.1f} s", file=sys.stderr)
        return metrics and status, what()

    def settled(self, to_be_seen=False, **wanted):
        """The truth is told within the bound. What was not placed or changed stays open until the venue can
        no longer do it, so it is seen; the rest may be settled between two looks."""
        seen, message = self.watch(lambda: self.c.find(**wanted))
        if to_be_seen:
            self.test.assertTrue(seen, f"{self.what}: an open outcome was not to be seen")
        self.wait(lambda: not self.is_open())
        return message

    # ---- the operations

    def unknown_place(self, applied):
        order = self.id("n")
        self.fault("place", applied)
        self.c.send("D", [("11", order), *self.terms(self.v["qty"], self.price())])
        told = self.wait(lambda: [m for m in self.c.messages if m.get("11") == order and "unknown" in m.get("58", "")])
        self.test.assertEqual((told[0]["150"], told[0]["39"]), ("A", "A"))
        if applied:
            self.settled(t35="8", t11=order, t150="0")
            self.cancel_plainly(order)
        elif self.v.get("proves_absence", True):
            self.settled(to_be_seen=True, t35="8", t11=order, t150="8", t39="8")
        else:
            self.undecided(order, told[0]["37"])

    def undecided(self, order, order_id):
        """Nobody can tell but a person: other orders go on, and the order says that it is open."""
        self.wait(self.is_open)
        self.cancel_plainly(self.place())
        self.test.assertTrue(self.is_open())
        self.test.assertIsNone(self.c.find(t35="8", t11=order, t39="8"))
        self.admin_order(order_id, "is", "absent")
        self.get(t35="8", t11=order, t150="8", t39="8")
        self.wait(lambda: not self.is_open())

    def admin_order(self, *words):
        import subprocess
        done = subprocess.run([self.s.program("fixbridge"), "--config", self.s.path("fixbridge.conf"), "admin", "order",
                               *words], capture_output=True, text=True, timeout=30)
        self.test.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def cancel_plainly(self, order):
        name = self.cancel(order)
        self.get(BOUND, t35="8", t11=name, t150="4")

    def unknown_cancel(self, applied):
        order = self.place()
        self.fault("cancel", applied)
        name = self.cancel(order)
        self.settled(t35="8", t11=name, t150="4", t39="4")

    def unknown_replace(self, applied):
        """Where the venue has no replace it is one by cancel and new order, and the cancel is unknown."""
        order, name = self.place(), self.id("g")
        native = "amend" in self.v
        self.fault("amend" if native else "cancel", applied)
        self.c.send("G", [("11", name), ("41", order), *self.terms(self.v["more"], self.price()),
                          *([] if native else [("22109", "Y")])])
        self.get(t35="8", t11=name, t150="E")
        if native and not applied:
            self.settled(to_be_seen=True, t35="9", t11=name, t39="0")
            self.cancel_plainly(order)
        else:
            self.settled(t35="8", t11=name, t150="5", t38=self.v["more"])
            self.cancel_plainly(name)

    def rest(self):
        """Until rate limits of a second are whole again: Bitget takes one bulk cancel, and a batch only if it fits."""
        until = time.monotonic() + 1.2
        self.wait(lambda: time.monotonic() > until)

    def unknown_bulk(self, applied):
        orders = [self.place() for _ in range(4)]
        name = self.id("q")
        self.rest()
        self.fault("bulk", applied)
        self.c.send("q", [("11", name), ("530", "1"), ("55", self.v["symbol"]), ("60", stamp())])
        self.settled(t35="r", t11=name, t531="1", t533=str(len(orders)))
        for order in orders:
            self.get(t35="8", t11=order, t150="4")

    def list_of(self):
        self.rest()
        name, n = self.id("L"), self.v["orders"]
        body = [("66", name), ("394", 3), ("68", n), ("73", n)]
        for i in range(n):
            body += [("11", f"{name}-{i}"), ("67", i + 1), ("55", self.v["symbol"]), ("54", 1), ("38", self.v["qty"]),
                     ("40", 2), ("44", self.price())]
        self.c.send("E", body)
        return name, [f"{name}-{i}" for i in range(n)]

    def unknown_place_batch(self, applied):
        self.fault("place_batch", applied)
        name, orders = self.list_of()
        for order in orders:
            self.settled(t35="8", t11=order, t150="0" if applied else "8")
        if applied:
            self.c.send("K", [("66", name), ("60", stamp())])
        for order in orders:
            self.get(BOUND, t35="8", t11=order, t39="4" if applied else "8")

    def unknown_cancel_batch(self, applied):
        name, orders = self.list_of()
        for order in orders:
            self.get(t35="8", t11=order, t150="0")
        self.fault("cancel_batch", applied)
        self.c.send("K", [("66", name), ("60", stamp())])
        for order in orders:
            self.settled(t35="8", t11=order, t150="4", t39="4")

    def judge(self):
        for client_id, o in self.s.audit().items():
            self.test.assertEqual(o["duplicates_refused"], 0, client_id)
            self.test.assertEqual(o["status"], "cancelled", client_id)
        self.test.assertEqual(self.c.problems, [])
        hit = [f["hit"] for f in json.loads(self.s.control("/sim/faults"))["faults"]]
        self.test.assertEqual(hit, [1] * self.faults, "some fault did not strike")
        self.s.stop_bridge()


class Unknown(unittest.TestCase):
    def play(self, name, ops):
        story = Story(self, name)
        for op in ops:
            for applied in (True, False):
                with self.subTest(venue=name, op=op, applied=applied):
                    story.begin(op, applied)
                    getattr(story, "unknown_" + op)(applied)
        story.judge()


def add(name):
    ops = [op for op in ("place", "cancel", "replace", "bulk", "place_batch", "cancel_batch")
           if op in ("place", "replace") or op in OPS[name]]
    setattr(Unknown, "test_" + name.replace("-", "_"), lambda self: self.play(name, ops))


for each in OPS:
    add(each)

if __name__ == "__main__":
    unittest.main(verbosity=2)
