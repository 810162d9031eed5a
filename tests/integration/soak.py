#!/usr/bin/env python3
"""A steady rate of orders for as long as asked, with random faults of the venue, of the network to it and of
the clients' network, and kill -9 of the service. In the end the clients' logs, the venue's audit and the
journal's exports must tell the same of every order.

    soak.py BUILD_DIRECTORY [--minutes 60] [--rate 50] [--sessions 4] [--kill-every SECONDS] [--seed N]
            [--samples FILE] [--keep]

Faults: calls fail in a dozen ways (crash_loop.FAULTS), in waves; the venue stands still for up to 4 s; clients'
connections are cut without a word; the service is killed at random, on average each --kill-every seconds.
Memory: ended orders and sent messages are kept for a sixth of the run only, so that history stops growing
long before its second half, and the journal is compacted all the time. The service is killed in the first
quarter only, so that the process of the second half has long been full, and a line is laid through the samples of resident memory: it must not rise by more than 2 % in that time.
The journal is exported more often than orders are forgotten, so that each is compared all the same.
Samples: seconds, KiB resident, orders kept, bytes of the journal and of the clients' log, process id."""
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
import urllib.request

import crash_loop
from admin_http import AdminHttp
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


def line_through(points):
    """Least squares: (value at the first x, at the last x)."""
    n = len(points)
    x0, y0 = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    slope = sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)
    return y0 + slope * (points[0][0] - x0), y0 + slope * (points[-1][0] - x0)


class Soak:
    def __init__(self, args, stack):
        self.args, self.s, self.rng = args, stack, random.Random(args.seed)
        self.samples, self.standstills, self.waves, self.kills = [], 0, 0, 0
        self.seconds = args.minutes * 60
        self.retain = max(5, int(self.seconds / 6))
        self.rows, self.fills, self.problems, self.exports = {}, {}, [], 0

    def start(self):
        args, s = self.args, self.s
        s.start_sim("--no-rate-limit", "--auto-fill", "0.2", "--seed", str(args.seed))
        account = {"rate_limit": "no", "calls_max": "32", "connections": "16", "call_timeout": "2s",
                   "poll_fills": "100ms", "poll_orders": "500ms"}
        sessions = [f"LOAD{i:04d}" for i in range(1, args.sessions + 1)]
        s.write_config(sessions=sessions, account=account, fixbridge={
            "retain_orders": f"{self.retain}s", "retain_messages": f"{self.retain}s", "journal_segment": 1,
            "compact_at": 16, "compact_every": f"{max(5, self.retain // 4)}s", "history": 4})
        s.start_bridge()
        self.admin = AdminHttp(s)
        subprocess.run([s.program("fixbridge"), "--config", s.path("fixbridge.conf"), "venue", "main", "set-stp",
                        "strategy=CANCEL_MAKER_SELF"], check=True, capture_output=True)
        self.network = Network(s.port)
        port, s.port = s.port, self.network.listening
        seconds = int(self.seconds)
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
        self.samples.append((int(time.monotonic() - began), resident_kib(self.s.bridge.pid), self.orders_kept(),
                             journal_bytes(self.s.path("journal")), size, self.s.bridge.pid))
        if self.args.samples:
            with open(self.args.samples, "w") as f:
                f.writelines(",".join(map(str, row)) + "\n" for row in self.samples)

    def orders_kept(self):
        with urllib.request.urlopen(self.admin.url + "metrics", timeout=20) as r:
            lines = r.read().decode().split("\n")
        return next(int(line.split()[1]) for line in lines if line.startswith("fixbridge_orders_kept "))

    def kill(self):
        self.kills += 1
        self.s.kill_bridge()
        crash_loop.pause(self.rng.choice((0, 0, 2)) * self.rng.random())
        self.s.start_bridge(wait=120, trading=False)
        self.admin = AdminHttp(self.s)

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
        end, next_sample, next_kill = began + self.seconds, began, self.until_kill()
        next_export = began + self.retain / 3
        while time.monotonic() < end and self.client.poll() is None:
            if self.s.bridge.poll() is not None:
                raise Failure(f"the service ended with {self.s.bridge.returncode}")
            if time.monotonic() >= next_sample:
                self.sample(began)
                next_sample += 10
            if began + next_kill <= time.monotonic() < began + self.seconds / 4:
                self.kill()
                next_kill = time.monotonic() - began + self.until_kill()
            if time.monotonic() >= next_export:
                self.export()
                next_export = time.monotonic() + self.retain / 3
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

    def until_kill(self):
        return self.rng.expovariate(1 / self.args.kill_every) if self.args.kill_every else self.seconds

    def export(self):
        """What the journal says now, beside what it said of orders it may have forgotten since."""
        s, out = self.s, self.s.path("export")
        p = subprocess.run([s.program("fixbridge"), "journal", "export", s.path("journal"), out], capture_output=True,
                           text=True)
        if p.returncode != 0:
            self.problems.append(f"journal export: {p.stdout}{p.stderr}")
            return
        self.exports += 1
        with open(os.path.join(out, "orders.csv"), newline="") as f:
            self.rows.update((row["order_id"], row) for row in csv.DictReader(f))
        seen = set()
        with open(os.path.join(out, "fills.csv"), newline="") as f:
            for row in csv.DictReader(f):
                if row["event"] != "fill":
                    continue
                key, told = row["venue_exec_id"], (row["order_id"], row["qty"], row["px"])
                if key in seen or self.fills.setdefault(key, told) != told:
                    self.problems.append(f"fill {key} twice in the journal: {told}, {self.fills[key]}")
                seen.add(key)

    def compare(self):
        """Journal and venue: the same orders with the same quantities; every fill once."""
        s = self.s
        p = subprocess.run([s.program("fixbridge"), "journal", "verify", s.path("journal")], capture_output=True,
                           text=True)
        if p.returncode != 0:
            self.problems.append(f"journal verify: {p.stdout}{p.stderr}")
        self.export()
        for client_id, o in s.audit().items():
            row = self.rows.get("FB-" + client_id.rsplit("-", 1)[-1])
            if row is None or abs(float(row["cum_qty"]) - float(o["filled"])) > 1e-9:
                self.problems.append(f"{client_id}: the venue filled {o['filled']}, the journal says "
                                     f"{row and row['cum_qty']}")

    def judge_memory(self):
        """One line; a problem when memory, or the history that explains it, still grows in the second half."""
        half = [row for row in self.samples if row[0] >= self.seconds / 2 and row[5] == self.samples[-1][5]]
        half = [row for row in half if row[0] <= self.seconds]
        if len(half) < 60 or half[-1][0] - half[0][0] < self.seconds * 0.4:
            return "memory: not judged, too short a run"
        (a, b), (k0, k1), (j0, j1) = (line_through([(row[0], row[i]) for row in half]) for i in (1, 2, 3))
        if b - a > 0.02 * a:
            self.problems.append(f"memory grows: {a:.0f} to {b:.0f} KiB")
        if k1 - k0 > 0.05 * k0:
            self.problems.append(f"orders kept grow: {k0:.0f} to {k1:.0f}")
        return (f"memory, line through {len(half)} samples of {half[0][0]} to {half[-1][0]} s: {a:.0f} to {b:.0f} KiB "
                f"({100 * (b - a) / a:+.2f} %); orders kept {k0:.0f} to {k1:.0f}; journal {j0 / 2**20:.1f} to "
                f"{j1 / 2**20:.1f} MiB")


def run(args):
    with Stack(args.bin_dir, keep=args.keep) as s:
        soak = Soak(args, s)
        soak.start()
        code = soak.run()
        problems, sent, counts = crash_loop.judge(s, s.path("client.log"), s.path("client.report"))
        s.stop_bridge()
        soak.compare()
        memory = soak.judge_memory()
        problems += soak.problems
        if code != 0:
            with open(s.path("client.out")) as f:
                problems.append(f"the clients ended with {code}:\n{f.read()[-3000:]}")
        if args.kill_every and soak.kills == 0:
            problems.append("nothing was killed")
        print(f"{soak.samples[-1][0]} s, {sent} orders sent, final states {dict(counts)}, journal: {len(soak.rows)} "
              f"orders, {len(soak.fills)} fills in {soak.exports} exports; {soak.kills} kills, {soak.network.cuts} "
              f"connections cut, {soak.standstills} standstills, {soak.waves} waves of faults\n{memory}\n"
              f"{len(problems)} problems")
        if problems:
            raise Failure("\n".join(problems[:40]))


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=0, help="seconds, on average, in the first quarter")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    args.bin_dir = bin_dir
    return crash_loop.told(run, args)


if __name__ == "__main__":
    sys.exit(main())
