#!/usr/bin/env python3
"""A steady rate of orders for as long as asked, with random faults of the venue, of the network to it and of
the clients' network; the memory of the service is sampled. In the end the clients' logs, the venue's audit
and the journal's export must tell the same of every order.

    soak.py BUILD_DIRECTORY [--minutes 60] [--rate 50] [--sessions 4] [--seed N] [--samples FILE] [--keep]

Faults: calls fail in a dozen ways (crash_loop.FAULTS), in waves; the venue stands still for up to 4 s; clients'
connections are cut without a word. Samples: seconds, resident memory in KiB, bytes of the journal and of the clients' log."""
import argparse
import csv
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import crash_loop
from stack import Failure, Stack, bin_dir_from_argv


class Network:
    """Stands between the clients and the service, and cuts connections when told to."""

    def __init__(self, port):
        self.port, self.pairs, self.lock = port, [], threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.listening = self.server.getsockname()[1]
        self.cuts, self.open = 0, True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        other = {}
        while self.open:
            for s in select.select([self.server, *other], [], [], 0.2)[0]:
                if s is self.server:
                    a = s.accept()[0]
                    try:
                        b = socket.create_connection(("127.0.0.1", self.port))
                    except OSError:
                        a.close()
                        continue
                    for x in (a, b):
                        x.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    other[a], other[b] = b, a
                    with self.lock:
                        self.pairs.append((a, b))
                elif s in other:
                    try:
                        data = s.recv(65536)
                        other[s].sendall(data)
                    except OSError:
                        data = b""
                    if data == b"":
                        for x in (other.pop(s), s):
                            other.pop(x, None)
                            x.close()

    def cut(self, rng):
        """One connection ends for both sides, in the middle of whatever it carries."""
        with self.lock:
            self.pairs = [p for p in self.pairs if p[0].fileno() >= 0]
            pair = rng.choice(self.pairs) if self.pairs else None
        if pair is not None:
            self.cuts += 1
            for x in pair:
                try:
                    x.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def journal_bytes(directory):
    return sum(e.stat().st_blocks * 512 for e in os.scandir(directory))


class Soak:
    def __init__(self, args, stack):
        self.args, self.s, self.rng = args, stack, random.Random(args.seed)
        self.samples, self.standstills, self.waves = [], 0, 0

    def start(self):
        args, s = self.args, self.s
        s.start_sim("--no-rate-limit", "--auto-fill", "0.2", "--seed", str(args.seed))
        account = {"rate_limit": "no", "calls_max": "32", "connections": "16", "call_timeout": "2s",
                   "poll_fills": "100ms", "poll_orders": "500ms"}
        sessions = [f"LOAD{i:04d}" for i in range(1, args.sessions + 1)]
        s.write_config(sessions=sessions, account=account)
        s.start_bridge()
        subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "venue", "main", "set-stp",
                        "strategy=CANCEL_MAKER_SELF"], check=True, capture_output=True)
        self.network = Network(s.port)
        port, s.port = s.port, self.network.listening
        seconds = int(args.minutes * 60)
        out = open(s.path("client.out"), "w")
        s.logs.append(out)
        self.client = s.spawn(s.client_argv(
            "--load", "--rate", str(args.rate), "--count", str(args.rate * seconds), "--sessions",
            str(args.sessions), "--mix", "60,30,10", "--price", "59000:59500:1", "--qty", "0.001:0.01:0.001",
            "--symbols", "PF_XBTUSD", "--heartbeat", "10", "--duration", str(seconds + 300), "--settle", "60",
            "--resume-until-idle", "--strict", "--log", s.path("client.log"), "--report", s.path("client.report"),
            sender="LOAD"), stdout=out, stderr=out)
        s.port = port

    def sample(self, began):
        log = self.s.path("client.log")
        size = os.path.getsize(log) if os.path.exists(log) else 0
        self.samples.append((int(time.monotonic() - began), resident_kib(self.s.bridge.pid),
                             journal_bytes(self.s.path("journal")), size))
        if self.args.samples:
            with open(self.args.samples, "w") as f:
                f.writelines(",".join(map(str, row)) + "\n" for row in self.samples)

    def stand_still(self):
        """The venue answers nothing for a while: accepted connections, no bytes."""
        self.standstills += 1
        self.s.sim.send_signal(signal.SIGSTOP)
        crash_loop.pause(self.rng.random() * 4)
        self.s.sim.send_signal(signal.SIGCONT)

    def wave(self):
        """Either a time of faults or one of peace."""
        self.waves += 1
        self.s.clear_faults()
        if self.rng.random() < 0.7:
            for i, (op, fault, p) in enumerate(crash_loop.FAULTS):
                self.s.fault(op=op, fault=fault, probability=p * self.rng.choice((0.5, 1, 2)),
                             seed=self.rng.randrange(10 ** 6) + i)

    def run(self):
        began = time.monotonic()
        end, next_sample = began + self.args.minutes * 60, began
        while time.monotonic() < end and self.client.poll() is None:
            if self.s.bridge.poll() is not None:
                raise Failure(f"the service ended with {self.s.bridge.returncode}")
            if time.monotonic() >= next_sample:
                self.sample(began)
                next_sample += 10
            what = self.rng.random()
            if what < 0.03:
                self.stand_still()
            elif what < 0.10:
                self.wave()
            elif what < 0.30:
                self.network.cut(self.rng)
            crash_loop.pause(2)
        self.s.clear_faults()
        code = self.client.wait(400)
        self.sample(began)
        return code

    def export(self):
        s, out = self.s, self.s.path("export")
        for words in (["verify", s.path("journal")], ["export", s.path("journal"), out]):
            p = subprocess.run([s.program("fixbridge"), "journal", *words], capture_output=True, text=True)
            if p.returncode != 0:
                raise Failure(f"journal {words[0]}: {p.stdout}{p.stderr}")
        with open(os.path.join(out, "orders.csv"), newline="") as f:
            rows = {row["order_id"]: row for row in csv.DictReader(f)}
        with open(os.path.join(out, "fills.csv"), newline="") as f:
            fills = [row for row in csv.DictReader(f) if row["event"] == "fill"]
        return rows, fills

    def compare_export(self):
        """Journal and venue: the same orders with the same quantities; every fill once."""
        rows, fills = self.export()
        problems, seen = [], set()
        for f in fills:
            if f["venue_exec_id"] in seen:
                problems.append(f"fill {f['venue_exec_id']} twice in the journal")
            seen.add(f["venue_exec_id"])
        for client_id, o in self.s.audit().items():
            row = rows.get("FB-" + client_id.rsplit("-", 1)[-1])
            if row is None or abs(float(row["cum_qty"]) - float(o["filled"])) > 1e-9:
                problems.append(f"{client_id}: the venue filled {o['filled']}, the journal says "
                                f"{row and row['cum_qty']}")
        return problems, len(rows), len(fills)


def run(args):
    with Stack(args.bin_dir, keep=args.keep) as s:
        soak = Soak(args, s)
        soak.start()
        code = soak.run()
        problems, sent, counts = crash_loop.judge(s, s.path("client.log"), s.path("client.report"))
        s.stop_bridge()
        more, rows, fills = soak.compare_export()
        problems += more
        if code != 0:
            with open(s.path("client.out")) as f:
                problems.append(f"the clients ended with {code}:\n{f.read()[-3000:]}")
        rss = [row[1] for row in soak.samples]
        print(f"{soak.samples[-1][0]} s, {sent} orders sent, final states {dict(counts)}, journal: {rows} orders, "
              f"{fills} fills; {soak.network.cuts} connections cut, {soak.standstills} standstills, {soak.waves} waves "
              f"of faults\nresident KiB: first {rss[0]}, quarters "
              f"{[rss[len(rss) * k // 4] for k in (1, 2, 3)]}, last {rss[-1]}\n{len(problems)} problems")
        if problems:
            raise Failure("\n".join(problems[:40]))


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    args.bin_dir = bin_dir
    try:
        run(args)
    except Failure as e:
        print(f"FAILED: {e}")
        return 1
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
