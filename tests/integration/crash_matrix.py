#!/usr/bin/env python3
"""A short story of orders at each venue, told again and again with the service failing at its first, second,
third, ... point (crash_points.c) and started again; a judge then compares what the client was told with what
the venue's audit and the journal's export say.

    crash_matrix.py BUILD_DIRECTORY [--venue NAME]... [--mode crash|power|fail|memory]... [--jobs 2] [--every K]
                    [--seconds S] [--kind each|any|KIND] [--only POINT] [--keep]

  crash  kill -9 at the n-th point, before it and after it; every third time once more while starting again
  power  the same, and the host loses what was not synced: all, all but a prefix, some blocks of 512 bytes
  fail   the n-th write, sync, ... fails: disk full once and for good, or EIO, after which the process must
         end with 3 and nothing of what the failed sync held may have left
  memory the n-th allocation fails, or all from it on (crash_memory.c): the process refuses or stops, tells why,
         and continues when it is started again; each allocation of a start and of recovery as well

The points are those of each kind (KINDS), or all in the order in which they are met (--kind any).
Without --mode: all but memory, which has its own thousands.
Without --seconds and --every all points are walked; with --seconds as many as there is time for, spread
evenly, the same ones each time."""
import argparse
import collections
import concurrent.futures
import csv
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

from patient_client import PatientClient
from raw_fix import stamp
from stack import Failure, Stack, bin_dir_from_argv
from venue_list import VENUES

PROGRAM = "fixbridge_crash"
LIMIT = 60      # seconds for one telling of the story

STATUS = {"filled": "2", "cancelled": "4", "rejected": "8", "expired": "C"}
EXPORT = {"2": "filled", "4": "canceled", "8": "rejected", "C": "expired"}


MODES = ("crash", "power", "fail", "memory")
KINDS = ("append", "commit", "write", "sync", "reserve", "truncate", "create", "rename", "unlink", "send", "recv",
         "http_send", "http_recv", "memory", "start")
STARTS = 20     # allocations of a start that fail in one telling, one a start


class Person:
    """At a venue that lists nothing that has ended (proves_absence in venue_list.py) nobody but a person can say
    what became of a placement whose outcome is unknown. This one looks at the venue, as README says, and decides."""

    def __init__(self, telling):
        self.t, self.seen, self.look_at = telling, {}, 0.0
        self.decided = []

    def admin(self, *words):
        """None: no answer. Those of a service whose disk is full wait for the disk."""
        try:
            p = subprocess.run([self.t.stack.program("fixbridge"), "--config", self.t.stack.path("fixbridge.conf"),
                                "admin", *words], capture_output=True, text=True, timeout=2)
        except subprocess.TimeoutExpired:
            return None
        return json.loads(p.stdout)["result"] if p.returncode == 0 else None    # the service may be dead, or dying

    def look(self):
        now = time.monotonic()
        if now < self.look_at or not self.t.client.up:
            return
        self.look_at = now + 1
        for o in self.admin("orders", "live") or []:
            if o["being_looked_up"] and now - self.seen.setdefault(o["id"], now) > 4:
                if o["state"] == "doubt" and o["venue_id"] == "":
                    self.find(o)
                elif o["state"] == "live" and self.t.stack.audit()[o["venue_id"]]["status"] == "cancelled":
                    self.say(o["id"], "canceled")

    def find(self, o):
        told, kind = self.t.told_ids(), {"1": "mkt", "2": "lmt"}[o["ord_type"]]
        found = [v["order_id"] for v in self.t.stack.audit().values() if v["order_id"] not in told and
                 v["type"] == kind and float(v["qty"]) == float(o["qty"])]
        if len(found) > 1:
            raise Failure(f"{o['id']}: the venue has {found}")
        self.say(o["id"], found[0] if found else "absent")

    def say(self, order_id, what):
        if self.admin("order", order_id, "is", what) is not None:
            self.decided.append((order_id, what))


class Telling:
    """The story once, with the environment `env` for the first start and `again` for the second."""

    def __init__(self, args, venue, env, again=None):
        self.args, self.name, self.v = args, venue, VENUES[venue]
        self.starts = [env, *(again if isinstance(again, list) else [again or {}])]
        self.stack = Stack(args.bin_dir, keep=args.keep)
        self.client = PatientClient(0)
        self.person = None if self.v.get("proves_absence", True) else Person(self)
        self.codes = []         # how the service ended, each time it did
        self.deadline = time.monotonic() + LIMIT
        self.stuck_at = None

    def run(self):
        with self.stack as s:
            kind = self.v.get("venue", self.name)
            s.start_sim("--venue", kind, "--no-rate-limit", "--seed", "1", *self.v.get("sim", ()))
            account = {"poll_fills": "100ms", "poll_orders": "300ms", "call_timeout": "2s", "order_wait_max": "20s",
                       "rate_limit": "no", **self.v["account"]}
            more = {k: self.v[k] for k in ("secret", "key") if k in self.v}
            s.write_config(account=account, venue=kind, fixbridge={"log_level": "debug", "log_rest": "yes"}, **more)
            self.start()
            self.tell()
            self.leave()
            self.stop()
            problems = self.client.problems + self.judge() + self.compare_export()
            if problems:
                raise Failure("; ".join(problems[:8]))

    # ---- the service

    def start(self):
        """Starts it, again if it dies at its point before it listens."""
        while True:
            env = self.starts.pop(0) if self.starts else {}
            self.started, self.failing = time.monotonic(), bool(env)
            self.faulty = "+" in env.get("FIXBRIDGE_FAIL_AT", "")
            self.starved = "+" in env.get("FIXBRIDGE_MEMORY_AT", "")
            try:
                self.stack.start_bridge(program=PROGRAM, env=env, wait=60, trading=False)
                self.client.port = self.stack.port
                return
            except Failure:
                if self.stack.bridge is None or self.stack.bridge.poll() is None or not env:
                    raise
                self.codes.append(self.ended())

    def ended(self):
        """The exit code. The engine and libev stop by SIGABRT without memory, and say so: that is a 5."""
        code = self.stack.bridge.returncode
        return 5 if code == -6 and (self.logged("out of memory") or self.logged("cannot allocate")) else code

    def leave(self):
        """Logs out. The service may still die at its point; then there is nothing to leave."""
        self.client.closing = True
        self.client.send("5", [], session=True)
        end = time.monotonic() + 5
        while self.client.socket is not None and time.monotonic() < end:
            self.client.poll()

    def stop(self):
        """In good order; a service whose point lies in its stop is started and stopped once more."""
        while True:
            if self.stack.bridge.poll() is None:
                self.stack.bridge.terminate()
            try:
                code = self.stack.bridge.wait(60)
            except subprocess.TimeoutExpired:
                raise Failure("the service does not stop")
            if code == 0:
                return
            if self.failing is False:
                raise Failure(f"the service ended with {code} after SIGTERM")
            # SIGTERM may meet a service that is ending by itself and no longer listens to it.
            self.codes.append(-9 if code == -signal.SIGTERM else self.ended())
            self.start()

    def watch(self):
        """A service that died is started again; one without disk or memory for good is killed."""
        if self.starved and time.monotonic() - self.started > 4:
            self.stack.kill_bridge()
        if self.faulty and self.client.socket is None and time.monotonic() - self.started > 2:
            self.stack.kill_bridge()
        if self.stack.bridge.poll() is not None:
            self.codes.append(self.ended())
            self.client.drop()
            self.start()

    def until(self, what, found):
        while True:
            got = found()
            if got is not None and got is not False:
                return got
            if time.monotonic() > self.deadline:
                raise Failure(f"never came: {what}; the service ended with {self.codes}; problems "
                              f"{self.client.problems[:3]}; the client was told\n{self.history()}")
            self.watch()
            self.client.poll()
            if self.person is not None:
                self.person.look()

    def told_ids(self):
        """The venue's ids the client was told, and whose they are."""
        return {f["198"]: f["37"] for f in self.client.messages if f["35"] == "8" and "198" in f}

    def logged(self, words):
        with open(self.stack.path("bridge.log")) as f:
            return words in f.read()

    def history(self):
        tags = ("34", "35", "37", "11", "41", "150", "39", "32", "14", "102", "103", "531", "533", "58")
        return "\n".join("    " + "|".join(f"{t}={f[t]}" for t in tags if t in f) for f in self.client.messages)

    def expect(self, **wanted):
        return self.until(str(wanted), lambda: self.client.find(**wanted))

    # ---- the story

    def new(self, name, qty=None, kind="2"):
        price = [("44", self.v["price"])] if kind == "2" else []
        self.client.send("D", [("11", name), ("55", self.v["symbol"]), ("54", 1), ("60", stamp()),
                               ("38", qty or self.v["qty"]), ("40", kind), *price, ("59", 1 if kind == "2" else 3)])

    def change(self, kind, name, orig, fields=()):
        self.client.send(kind, [("11", name), ("41", orig), ("55", self.v["symbol"]), ("54", 1), ("60", stamp()),
                                *fields])

    def fill(self, name, size):
        """The venue's matching is not ours to wait for: the order may be filled while we are dead."""
        told = self.expect(t35="8", t11=name, t150=("0", "8"))
        if told["150"] == "0":
            self.stack.control("/sim/fill", {"order_id": told["198"], "size": size})

    def tell(self):
        half = float(self.v["qty"]) / 2
        self.until("a logon", lambda: self.client.up)
        self.until("the venue's instruments", lambda: self.logged("instruments.loaded"))
        self.new("a1")
        self.fill("a1", half)
        self.new("b1")
        last = "a1"
        self.change("G", "a2", "a1", [("38", self.v["more"]), ("40", 2), ("44", self.v["better"])])
        if self.expect(t11="a2", t35=("8", "9"), t150=("5", None))["35"] == "8":
            last = "a2"
        self.change("F", "a3", last)
        self.new("m1", kind="1")
        self.expect(t11="m1", t150=("F", "8"))
        self.expect(t11="a3", t35=("8", "9"), t150=("4", None))
        self.compact()
        self.new("c1")
        self.new("c2")
        self.change("F", "c3", "c2")         # may be on its way still
        self.fill("c1", float(self.v["qty"]))
        self.client.send("q", [("11", "q1"), ("530", 7), ("60", stamp())])
        self.expect(t35="r", t11="q1")
        self.until("an end of every order", self.all_done)

    def compact(self):
        """The journal becomes a snapshot and what follows it; unless the service dies of that."""
        deaths = len(self.codes)
        for _ in range(3):      # memory may fail the command itself: it says so, and is given again
            told = subprocess.run([self.stack.program("fixbridge"), "--config", self.stack.path("fixbridge.conf"),
                                   "admin", "compact"], capture_output=True, text=True, timeout=60)
            if told.returncode == 0:
                break
        self.until("a snapshot", lambda: len(self.codes) > deaths or self.logged("journal.compact"))

    def all_done(self):
        last = {f["37"]: f["39"] for f in self.client.messages if f["35"] == "8" and f["37"] != "NONE"}
        asked = {f[1][0][1] for f in self.client.sent.values() if f[0] in "FG"}
        told = {f.get("11") for f in self.client.messages if f["35"] == "9" or f.get("150") in ("4", "5")}
        return all(s in "248C" for s in last.values()) and asked <= told

    # ---- the judge

    def judge(self):
        problems, orders, by_request, execs = [], {}, {}, {}
        for f in self.client.messages:
            if f["35"] == "j":
                problems.append(f"business reject: {f}")
            if f["35"] != "8" or f["37"] == "NONE":
                continue
            if f["17"] in execs:
                problems.append(f"ExecID {f['17']} twice")
            execs[f["17"]] = f
            o = orders.setdefault(f["37"], {"sum": 0.0, "names": set()})
            o["sum"] += float(f["32"]) if f["150"] == "F" else 0.0
            o.update(status=f["39"], cum=float(f["14"]), last=f)
            if f["11"] not in by_request:
                by_request[f["11"]] = f["37"]
            elif by_request[f["11"]] != f["37"]:
                problems.append(f"{f['11']} became several orders: {by_request[f['11']]}, {f['37']}")
            if abs(o["sum"] - o["cum"]) > 1e-9:
                problems.append(f"{f['37']}: CumQty {f['14']}, the fills told make {o['sum']}")
        problems += self.judge_answers() + self.judge_venue(orders)
        self.orders = orders
        return problems

    def judge_answers(self):
        problems = []
        for kind, fields, _ in self.client.sent.values():
            name = fields[0][1]
            finals = {"D": ("0", "8"), "F": ("4",), "G": ("5",), "q": ()}[kind]
            answers = [f for f in self.client.messages if f.get("11") == name and
                       (f.get("150") in finals or (f["35"] == "9" and kind in "FG") or f["35"] == "r")]
            ended = kind == "D" and any(f.get("41") == name and f.get("150") == "4" for f in self.client.messages)
            if len(answers) != 1 and not (ended and not answers):
                problems.append(f"35={kind} 11={name} was answered {len(answers)} times")
        return problems

    def judge_venue(self, orders):
        problems, venue = [], {}
        told = self.told_ids()      # how an order is found at a venue that takes no id of ours
        for client_id, o in self.stack.audit().items():
            name = told.get(o["order_id"], told.get(client_id, "FB-" + client_id.rsplit("-", 1)[-1]))
            if name in venue:
                problems.append(f"{name}: two orders at the venue")
            venue[name] = o
            if o["duplicates_refused"] > 0:
                problems.append(f"{client_id} was sent {o['duplicates_refused'] + 1} times")
        for order_id, o in orders.items():
            v = venue.pop(order_id, None)
            if v is None:
                if o["status"] not in "84" or o["cum"] != 0:
                    problems.append(f"{order_id}: client was told 39={o['status']}, the venue has nothing")
            elif abs(float(v["filled"]) - o["cum"]) > 1e-9 or STATUS.get(v["status"]) != o["status"]:
                problems.append(f"{order_id}: client was told 39={o['status']} 14={o['cum']}, the venue says "
                                f"{v['status']} {v['filled']}")
        return problems + [f"{i}: at the venue ({o['status']}), the client never heard of it" for i, o in venue.items()]

    def compare_export(self):
        s, out = self.stack, self.stack.path("export")
        for words in (["verify", s.path("journal")], ["export", s.path("journal"), out]):
            p = subprocess.run([s.program("fixbridge"), "journal", *words], capture_output=True, text=True)
            if p.returncode != 0:
                return [f"journal {words[0]}: {p.stdout}{p.stderr}"]
        with open(os.path.join(out, "orders.csv"), newline="") as f:
            rows = {"FB-" + row["order_id"].rsplit("-", 1)[-1]: row for row in csv.DictReader(f)}
        problems = []
        for order_id, o in self.orders.items():
            row = rows.get(order_id)
            if row is None or abs(float(row["cum_qty"]) - o["cum"]) > 1e-9 or row["state"] != EXPORT[o["status"]]:
                problems.append(f"{order_id}: client was told 39={o['status']} 14={o['cum']}, the journal says "
                                f"{row and (row['state'], row['cum_qty'])}")
        return problems


# ---- the matrix

def count_points(args, venue, env=None):
    """How many points of each kind one telling has, nothing failing; of a service that stops in good order."""
    t = Telling(args, venue, env or {})
    path = t.stack.path("points")
    t.starts[0] = {**t.starts[0], "FIXBRIDGE_POINTS": path}
    keep, t.stack.keep = t.stack.keep, True
    t.run()
    with open(path) as f:
        points = {k: int(n) for k, n in (line.split() for line in f)}
    if not keep:
        subprocess.run(["rm", "-rf", t.stack.dir], check=True)
    return points


FAILING = (("write", ("ENOSPC", "EIO", "+ENOSPC")), ("sync", ("EIO",)), ("reserve", ("ENOSPC",)),
           ("create", ("ENOSPC",)), ("truncate", ("EIO",)), ("rename", ("ENOSPC",)), ("unlink", ("EIO",)))


def cells(mode, kind, points):
    """(what it is called, first environment, second environment, allowed exit codes)"""
    if mode == "fail":
        for k, errors in FAILING:
            for n in range(1, points[k] + 1 if kind in ("each", k) else 1):
                for e in errors:
                    plus, e = ("+", e[1:]) if e[0] == "+" else ("", e)
                    power = {"FIXBRIDGE_POWER": f"drop:{n}"} if e == "EIO" else {}
                    codes = {3} if e == "EIO" else {0, 3, -9}
                    yield f"{k}:{n}{plus}:{e}", {"FIXBRIDGE_FAIL_AT": f"{k}:{n}{plus}:{e}", **power}, {}, codes
        return
    if mode == "memory":
        yield from memory_cells(kind, points)
        return
    if kind == "each":
        for k in KINDS[:-2]:
            yield from cells(mode, k, points)
        return
    for n in range(1, points[kind] + 1):
        again = {"FIXBRIDGE_CRASH_AT": f"any:{1 + n * 7 % 40}"} if n % 3 == 0 else {}
        for i, when in enumerate(("", ":after")):
            power = {}
            if mode == "power":
                power = {"FIXBRIDGE_POWER": ("drop", "prefix", "blocks")[(n + i) % 3] + f":{n}"}
                again = {**again, **power} if again else {}
            at = f"{kind}:{n}{when}"
            yield at + (" " + power["FIXBRIDGE_POWER"] if power else ""), {"FIXBRIDGE_CRASH_AT": at, **power}, again, {-9}


def memory_cells(kind, points):
    """Each allocation after the start, once; each 4th, and all from it on; those of starts, STARTS to a telling,
    with a journal of a service that was killed, and killed again if they come that far."""
    codes = {3, 4, 5}
    first, last = points["memory_start"] + 1, points["memory"] + points["memory"] // 20
    for n in range(first, last if kind in ("each", "memory") else first):
        yield f"memory:{n}", {"FIXBRIDGE_MEMORY_AT": str(n)}, {}, codes
        if n % 4 == 0:
            yield f"memory:{n}+", {"FIXBRIDGE_MEMORY_AT": f"{n}+"}, {}, codes
    for n in range(1, first if kind in ("each", "start") else 1, STARTS):
        again = [{"FIXBRIDGE_MEMORY_AT": str(n + i), "FIXBRIDGE_CRASH_AT": "any:40"} for i in range(STARTS)]
        yield f"start:{n}", {"FIXBRIDGE_CRASH_AT": f"any:{60 + n * 7 % 80}"}, again, codes


def spread(items):
    """The same items, any first part of them spread evenly over all."""
    step = next(s for s in range(int(len(items) * 0.618) + 1, 2 * len(items) + 2)
                if all(s % p or len(items) % p for p in range(2, len(items) + 1)))
    return [items[i * step % len(items)] for i in range(len(items))]


def play_cell(args, venue, cell):
    what, env, again, codes = cell
    t = Telling(args, venue, env, again)
    try:
        t.run()
        # The last points lie behind what the story waits for, and some are met in another order.
        if any(c not in codes and c != -9 for c in t.codes):
            raise Failure(f"the service ended with {t.codes}, expected {codes}")
        return bool(t.codes), None
    except Exception as e:      # whatever it is, this telling did not end well
        return bool(t.codes), f"{venue} {what}{' again ' + str(again) if isinstance(again, dict) and again else ''}: {e!r}"


def walk(args, work, until):
    failed, done, hit, lock = [], collections.Counter(), collections.Counter(), threading.Lock()
    waiting = queue.SimpleQueue()
    for item in work:
        waiting.put(item)

    def worker():
        while until is None or time.monotonic() < until:
            try:
                venue, mode, cell = waiting.get_nowait()
            except queue.Empty:
                return
            died, problem = play_cell(args, venue, cell)
            with lock:
                for key in (("venue", venue), ("mode", mode), ("kind", cell[0].split(":")[0])):
                    done[key] += 1
                    hit[key] += died
                if problem:
                    failed.append(problem)
                    print(f"FAILED {problem}", flush=True)
                elif args.verbose:
                    print(f"ok {venue} {cell[0]}", flush=True)

    threads = [threading.Thread(target=worker) for _ in range(args.jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return done, hit, failed


def tell_counts(args, done, hit):
    """How many tellings there were of each venue, mode and kind, and in how many of them the service died."""
    for name, keys in (("venue", args.venue or list(VENUES)), ("mode", MODES), ("kind", ("any", *KINDS))):
        print(f"{name}: " + ", ".join(f"{k} {done[name, k]} ({hit[name, k]})" for k in keys if done[name, k]))


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--venue", action="append", choices=list(VENUES))
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--kind", default="each", choices=["each", "any", *KINDS])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--only")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    args.bin_dir = bin_dir
    work, names = [], args.venue or list(VENUES)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        counted = dict(zip(names, pool.map(lambda venue: count_points(args, venue), names)))
    began = time.monotonic()
    for venue, points in counted.items():
        print(f"{venue}: " + ", ".join(f"{k} {n}" for k, n in points.items() if n), flush=True)
        for mode in args.mode or MODES[:-1]:
            work += [(venue, mode, c) for c in cells(mode, args.kind, points)]
    if args.only is not None:
        work = [w for w in work if w[2][0] == args.only]
    if args.seconds is not None:
        work = spread(work)
    done, hit, failed = walk(args, work[::args.every], None if args.seconds is None else began + args.seconds)
    tell_counts(args, done, hit)
    told, died = (sum(c["mode", m] for m in MODES) for c in (done, hit))
    print(f"{told} of {len(work)} tellings, the service died in {died}, {len(failed)} failed, "
          f"{time.monotonic() - began:.0f} s")
    if failed or told == 0 or (died == 0 and args.only is None):
        return 1
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
