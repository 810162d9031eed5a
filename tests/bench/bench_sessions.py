#!/usr/bin/env python3
"""Many sessions in one process: memory of an idle session, plain and TLS; latency with all of them trading; and
what the others notice of one consumer that never reads and of one session in the resend of a million messages,
and, as its control, of as many bytes a second between two processes that are not the service: what the machine
has too little of is not what the resend did. Prints, asserts nothing.

    bench_sessions.py BUILD_DIRECTORY [--sessions 1000] [--count 20000] [--rate 2000] [--resend 1000000]
                      [--only idle,load,stalled,resend]
"""
import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from admin_http import AdminHttp  # noqa: E402
from security_stack import SecureStack  # noqa: E402
from stack import bin_dir_from_argv  # noqa: E402

from bench_bridge import cpu_seconds, rss_mib  # noqa: E402

FIXBRIDGE = {"admin_listen": "127.0.0.1:0", "memory_warm": "0", "connections_max": "3000", "unauthenticated_max": "3000",
             "address_unauthenticated_max": "3000", "address_rate_max": "1000000"}
ACCOUNT = {"rate_limit": "no", "calls_max": "64", "connections": "16", "poll_fills": "1s", "poll_orders": "60s",
           "order_wait_max": "60s"}


def stamp():
    t = time.time()
    return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(t)) + f".{int(t * 1000) % 1000:03d}"


def message(msg_type, sender, seq, body, at=None):
    inner = f"35={msg_type}\x0149={sender}\x0156=FIXBRIDGE\x0134={seq}\x0152={at or stamp()}\x01{body}"
    head = f"8=FIX.4.4\x019={len(inner)}\x01{inner}".encode()
    return head + f"10={sum(head) % 256:03d}\x01".encode()


class BenchStack(SecureStack):
    account = {"bulk_cancel": "yes", **ACCOUNT}

    def start_sim(self, *options):
        return super().start_sim("--no-rate-limit", "--no-audit", *options)


def load(s, args, label, tls=False):
    before, plain = cpu_seconds(s.bridge.pid), s.port
    s.port = s.tls_port if tls else s.port
    argv = s.client_argv("--load", "--rate", str(args.rate), "--count", str(args.count), "--sessions",
                         str(args.sessions), "--symbols", "PF_XBTUSD", "--price", "40000:40000:1", "--side", "buy", "--qty",
                         "0.001:0.001:0.001", "--duration", "60",
                         "--json", "--wait-logon", "60", "--resume-until-idle", *(s.tls_options() if tls else ()),
                         sender="LOAD")
    s.port = plain
    p = subprocess.run(argv, text=True, capture_output=True, timeout=200)
    line = [x for x in p.stdout.split("\n") if x.startswith("{")]
    if not line:
        print(label, "failed:", p.stdout[-500:], p.stderr[-500:])
        return
    r = json.loads(line[-1])
    h = r["accepted"]
    print(f"{label:52} {r['perSecond']:7.0f}/s  accepted p50 {h['p50']:6} p90 {h.get('p90', 0):6} p99 {h['p99']:6} us  "
          f"CPU {(cpu_seconds(s.bridge.pid) - before) * 1e6 / r['orders']:6.1f} us/order  "
          f"RSS {rss_mib(s.bridge.pid):5.0f} MiB", flush=True)


def idle(s, sessions, label, tls):
    """Memory of sessions that are logged on and silent."""
    before = rss_mib(s.bridge.pid)
    context, sockets = s.context(), []
    for i in range(1, sessions + 1):
        c = s.connect(s.tls_port if tls else s.port)
        c = context.wrap_socket(c) if tls else c
        c.sendall(message("A", f"LOAD{i:04d}", 1, "98=0\x01108=60\x01141=Y\x01"))
        sockets.append(c)
    for c in sockets:
        if b"\x0135=A\x01" not in c.recv(4096):
            raise SystemExit("no Logon")
    after = rss_mib(s.bridge.pid)
    print(f"{label}: RSS {before:.0f} -> {after:.0f} MiB, {(after - before) * 1024 / sessions:.1f} KiB a session",
          flush=True)
    for c in sockets:
        c.close()


def stalled(s, sender):
    """Logs on, asks for much, and never reads."""
    c = socket.create_connection(("127.0.0.1", s.port))
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.sendall(message("A", sender, 1, "98=0\x01108=60\x01141=Y\x01"))
    for seq in range(2, 3000):
        c.sendall(message("H", sender, seq, "11=x\x0155=PF_XBTUSD\x0154=1\x01"))
    return c


class Resender(threading.Thread):
    """A session with `count` messages sent, asking for all of them over and over."""

    def __init__(self, s, sender, count):
        super().__init__()
        self.count, self.sender, self.stop, self.bytes, self.got = count, sender, False, 0, 0
        self.c = s.connect()
        self.c.settimeout(120)
        self.c.sendall(message("A", sender, 1, "98=0\x01108=60\x01141=Y\x01"))
        self.seq = 2
        self.fill()

    def read_until(self, mark):
        tail, size = b"", 0
        while True:
            data = self.c.recv(1 << 20)
            if data == b"":
                raise SystemExit("the session ended")
            size += len(data)
            self.got += len(data)
            if mark in tail + data:
                return size
            tail = data[-64:]

    def fill(self):
        """Order status requests; each answer is a report that is kept."""
        left, at = self.count, stamp()
        while left > 0:
            n = min(left, 2000)
            self.c.sendall(b"".join(message("H", self.sender, self.seq + i, "11=x\x0155=PF_XBTUSD\x0154=1\x01", at)
                                    for i in range(n)) + message("1", self.sender, self.seq + n, "112=full\x01"))
            self.seq += n + 1
            left -= n
            at = stamp()
            self.read_until(b"\x01112=full\x01")

    def round(self):
        self.c.sendall(message("2", self.sender, self.seq, "7=1\x0116=0\x01") +
                       message("1", self.sender, self.seq + 1, f"112=r{self.seq}\x01"))
        known = max(self.bytes - (1 << 20), 0)  # a round is as long as the one before
        drop(self, known)
        if not self.stop:
            self.bytes = known + self.read_until(f"\x01112=r{self.seq}\x01".encode())
            self.seq += 2

    def run(self):
        while not self.stop:
            self.round()
        self.c.close()

    def per_second(self, got, seconds):
        return f"{got / self.bytes * self.count / seconds:,.0f} messages/s, {got / seconds / 1e6:.0f} MB/s"


class Stream(threading.Thread):
    """The control: a process writes so many bytes a second to a socket, a thread here drops them as Resender does."""

    PIECE = 64 * 1024

    def __init__(self, bytes_per_second):
        super().__init__()
        self.stop, self.got, listener = False, 0, socket.create_server(("127.0.0.1", 0))
        self.writer = subprocess.Popen([sys.executable, "-c", self.WRITER, str(listener.getsockname()[1]),
                                        str(self.PIECE), str(self.PIECE / bytes_per_second)])
        self.c, _ = listener.accept()
        listener.close()

    WRITER = '''
import socket, sys, time
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
piece, pause, at = bytes(int(sys.argv[2])), float(sys.argv[3]), time.monotonic()
try:
    while True:
        c.sendall(piece)
        at = max(at + pause, time.monotonic() - 0.1)
        time.sleep(max(0, at - time.monotonic()))
except OSError:
    pass
'''

    def run(self):
        drop(self, 1 << 60)
        self.c.close()
        self.writer.wait()


def drop(reader, size):
    """Takes bytes off its socket; MSG_TRUNC: without copying them."""
    while size > 0 and not reader.stop:
        n = len(reader.c.recv(min(size, 1 << 20), socket.MSG_TRUNC))
        if n == 0:
            raise SystemExit("the session ended")
        reader.got += n
        size -= n


def beside_resend(s, args, r):
    for _ in range(2):  # the first one measures how long it is
        got, start = r.got, time.monotonic()
        r.round()
    print(f"the resend alone: {r.per_second(r.got - got, time.monotonic() - start)}", flush=True)
    load(s, args, f"{args.sessions} sessions before the resend")
    before, got, start = turns(s), r.got, time.monotonic()
    r.start()
    load(s, args, "beside a resend of all of them, again and again")
    got, seconds = r.got - got, time.monotonic() - start
    print(f"    {r.per_second(got, seconds)}; turns of the loop, us: {longer(before, turns(s))}", flush=True)
    r.stop = True
    r.join()
    control = Stream(got / seconds)
    control.start()
    load(s, args, "beside as many bytes a second of other processes")
    print(f"    {control.got / seconds / 1e6:.0f} MB/s", flush=True)
    control.stop = True
    control.join()
    load(s, args, f"{args.sessions} sessions after it")


def turns(s):
    """Turns of the loop, by their length: {upper end in us: how many}."""
    m, _ = AdminHttp(s).metrics()
    ends = [(float(k.split('le="')[1].split('"')[0]), v) for k, v in m.items()
            if k.startswith("fixbridge_turn_seconds_bucket")]
    ends.sort()
    return {end * 1e6: v - (ends[i - 1][1] if i else 0) for i, (end, v) in enumerate(ends)}


def longer(before, after):
    """Percentiles of the turns between two looks, each the end of a bucket."""
    count = {end: after[end] - before[end] for end in after}
    total, seen, out = sum(count.values()), 0, []
    wanted = [50, 99, 99.9, 100]
    for end in sorted(count):
        seen += count[end]
        while wanted and seen >= total * wanted[0] / 100 and total:
            out.append(f"p{wanted.pop(0)} <= {end:.0f}")
    return ", ".join(out)


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--resend", type=int, default=1000000)
    parser.add_argument("--only", default="idle,load,stalled,resend")
    args = parser.parse_args()
    only = args.only.split(",")
    names = [f"LOAD{i:04d}" for i in range(1, args.sessions + 1)] + ["STALLED", "RESEND"]
    with BenchStack(bin_dir) as s:
        s.prepare({n: {} for n in names}, **FIXBRIDGE)
        print(f"{args.sessions} sessions configured, none connected: RSS {rss_mib(s.bridge.pid):.0f} MiB")
        if "idle" in only:
            idle(s, args.sessions, f"{args.sessions} idle plain sessions logged on", False)
            s.stop_bridge()
            s.start_bridge()
            idle(s, args.sessions, f"{args.sessions} idle TLS sessions logged on", True)
            s.stop_bridge()
            s.start_bridge()
        if "load" in only:
            load(s, args, f"{args.sessions} sessions, {args.rate} orders/s")
            load(s, args, f"{args.sessions} TLS sessions, {args.rate} orders/s", True)
        if "stalled" in only:
            c = stalled(s, "STALLED")
            load(s, args, "the plain ones beside a consumer that never reads")
            c.close()
        if "resend" in only:
            start = time.monotonic()
            r = Resender(s, "RESEND", args.resend)
            print(f"{args.resend} reports made in {time.monotonic() - start:.0f} s")
            beside_resend(s, args, r)


if __name__ == "__main__":
    main()
