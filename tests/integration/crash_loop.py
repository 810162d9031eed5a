#!/usr/bin/env python3
"""Kills the bridge (kill -9) at random moments under load, with random faults of the venue, and starts it
again; then proves from the venue's audit and the client's message log that nothing was lost or doubled:

  - every order the client sent was answered, and ends in the same state at client and venue
  - the venue was never sent an order twice, and holds none that the client was not told of
  - sequence numbers are intact: the client's own checks of every message found no violation

    crash_loop.py BUILD_DIRECTORY [--rounds 200] [--rate 150] [--seed N] [--compact] [--keep]
"""
import argparse
import collections
import itertools
import random
import re
import select
import subprocess
import sys
import time

from stack import Failure, Stack, bin_dir_from_argv

FAULTS = [
    ("sendorder", "act_drop", 0.02), ("sendorder", "drop", 0.02), ("sendorder", "error_after", 0.01),
    ("sendorder", "garbage", 0.01), ("cancelorder", "act_drop", 0.03), ("cancelorder", "drop", 0.02),
    ("editorder", "act_drop", 0.03), ("editorder", "drop", 0.02), ("fills", "truncated", 0.02),
    ("orders/status", "error_before", 0.05), ("openorders", "html", 0.05), ("sendorder", "rate_limit", 0.01),
]


def pause(seconds):
    select.select([], [], [], seconds)


def read_messages(path):
    """(direction, {tag: value}) of every raw message in a client log, first occurrence of a tag."""
    with open(path, "rb") as f:
        for line in f:
            m = re.search(rb"8=FIX\.4\.4\x01.*?\x0110=\d\d\d\x01", line)
            if m is None:
                continue
            fields = {}
            for part in m.group(0).split(b"\x01"):
                tag, _, value = part.partition(b"=")
                fields.setdefault(tag.decode(), value.decode("latin1"))
            head = line[:m.start()]
            yield ("in" if b"<" in head or b" in" in head.lower() or b"IN" in head else "out"), fields


def judge(stack, log, report, more=()):
    """Problems, orders sent, final states. `more`: messages of other clients, as read_messages() gives them."""
    problems = []
    sent, orders, by_request, refused = {}, {}, collections.defaultdict(set), set()
    for direction, f in itertools.chain(read_messages(log), more):
        key = (f.get("49") if direction == "out" else f.get("56"), f.get("11"))
        if direction == "out" and f.get("35") == "D":
            sent[key] = f
        elif direction == "in" and f.get("35") == "8" and f.get("37", "NONE") != "NONE":
            orders[f["37"]] = f
            by_request[key].add(f["37"])
        elif direction == "in" and f.get("35") == "8" and f.get("39") == "8":
            refused.add(key)
        elif direction == "in" and f.get("35") == "j" and f.get("372") == "D":
            refused.add((f.get("56"), f.get("379")))
    for key, f in sent.items():
        if key not in by_request and key not in refused:
            problems.append(f"order {key} was never answered")
        if key in by_request and key in refused:
            problems.append(f"order {key} was refused and taken")
    for key, ids in by_request.items():
        if len(ids) > 1:
            problems.append(f"{key} became several orders: {sorted(ids)}")
    audit = stack.audit()
    venue = {}
    for client_id, o in audit.items():
        if o["duplicates_refused"] > 0:
            problems.append(f"{client_id} was sent {o['duplicates_refused'] + 1} times")
        venue["FB-" + client_id.rsplit("-", 1)[-1]] = o
    status_of = {"filled": "2", "cancelled": "4", "rejected": "8"}
    counts = collections.Counter()
    for order_id, f in orders.items():
        o = venue.get(order_id)
        counts[f["39"]] += 1
        if o is None:
            if f["39"] not in "84" or float(f["14"]) != 0:
                problems.append(f"{order_id}: client was told 39={f['39']} 14={f['14']}, the venue has nothing")
            continue
        if float(o["filled"]) != float(f["14"]):
            problems.append(f"{order_id}: CumQty {f['14']}, the venue filled {o['filled']} ({o['status']})")
        expected = status_of.get(o["status"], "open")
        ok = f["39"] in "016E" if expected == "open" else f["39"] == expected
        if not ok:
            problems.append(f"{order_id}: client was told 39={f['39']}, the venue says {o['status']}")
    for order_id, o in venue.items():
        if order_id not in orders:
            problems.append(f"{order_id}: at the venue ({o['status']}), the client never heard of it")
    return problems, len(sent), counts


def run(args):
    rng = random.Random(args.seed)
    with Stack(args.bin_dir, keep=args.keep) as s:
        s.start_sim("--no-rate-limit", "--auto-fill", "0.2", "--seed", str(args.seed))
        account = {"rate_limit": "no", "calls_max": "32", "connections": "16", "call_timeout": "2s",
                   "poll_fills": "100ms", "poll_orders": "500ms"}
        sessions = [f"LOAD{i:04d}" for i in range(1, args.sessions + 1)]
        s.write_config(sessions=sessions, account=account,
                       fixbridge={"journal_segment": 1, "compact_at": 1} if args.compact else None)
        s.start_bridge()
        # So that our own orders trade with each other's counterparties instead of being refused.
        subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "venue", "main", "set-stp",
                        "strategy=CANCEL_MAKER_SELF"], check=True, capture_output=True)
        for i, (op, fault, p) in enumerate(FAULTS):
            s.fault(op=op, fault=fault, probability=p, seed=args.seed + i)
        log, report = s.path("client.log"), s.path("client.report")
        seconds = args.rounds * 1.3 + 5
        client_out = open(s.path("client.out"), "w")
        s.logs.append(client_out)
        client = s.spawn(s.client_argv("--load", "--rate", str(args.rate), "--count",
                                       str(int(args.rate * seconds)), "--sessions", str(args.sessions),
                                       "--mix", "70,20,10", "--price", "59000:59500:1", "--qty",
                                       "0.001:0.01:0.001", "--symbols", "PF_XBTUSD", "--heartbeat", "10",
                                       "--duration", str(int(seconds * 3 + 120)), "--settle", "60",
                                       "--resume-until-idle", "--strict", "--log", log, "--report", report,
                                       sender="LOAD"), stdout=client_out, stderr=client_out)
        rounds, started = 0, time.monotonic()
        while rounds < args.rounds and client.poll() is None:
            if args.compact:        # the kill meets it anywhere between the fork and the last removal
                s.spawn([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "admin", "compact"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            pause(rng.choice((0.02, 0.1, 0.3, 0.8, 2.0, 4.0)) * rng.random() + 0.02)
            s.kill_bridge()
            if rng.random() < 0.2:
                pause(rng.random() * 0.5)
            s.start_bridge(trading=False)
            rounds += 1
        s.clear_faults()
        try:
            code = client.wait(seconds * 3 + 240)
        except subprocess.TimeoutExpired:
            code = "timeout"
        with open(s.path("client.out")) as f:
            out = f.read()
        problems, sent, counts = judge(s, log, report)
        if code != 0:
            problems.append(f"the client ended with {code}:\n{out[-3000:]}")
        s.stop_bridge()
        if args.compact:
            with open(s.path("bridge.log")) as f:
                text = f.read()
            print(f"{text.count('journal.compacted')} compactions ended, {text.count('journal.compact_failed')} "
                  "failed")
            if "journal.compacted" not in text:
                problems.append("the journal was never compacted")
            verify = subprocess.run([s.program("fixbridge"), "journal", "verify", s.path("journal")], text=True,
                                    capture_output=True)
            if verify.returncode != 0:
                problems.append(f"journal verify: {verify.stdout}{verify.stderr}")
        print(f"{rounds} kills in {time.monotonic() - started:.0f} s, {sent} orders sent, final states "
              f"{dict(counts)}, {len(problems)} problems")
        if rounds < args.rounds:
            problems.append(f"only {rounds} of {args.rounds} rounds: the client was done early")
        if problems:
            raise Failure("\n".join(problems[:40]))


def told(run, args):
    """Exit code of a run that ends with Failure when something is wrong."""
    try:
        run(args)
    except Failure as e:
        print(f"FAILED: {e}")
        return 1
    print("passed")
    return 0


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--rate", type=int, default=150)
    parser.add_argument("--sessions", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compact", action="store_true", help="compact the journal all the time")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    args.bin_dir = bin_dir
    return told(run, args)


if __name__ == "__main__":
    sys.exit(main())
