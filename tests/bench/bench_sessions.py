#!/usr/bin/env python3
"""Many sessions in one process: memory a session, latency with all of them trading, and what the others
notice of one consumer that never reads and of one session in a long resend. Prints, asserts nothing.

    bench_sessions.py BUILD_DIRECTORY [--sessions 1000] [--count 20000] [--resend 200000]
"""
import argparse
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from stack import Stack, bin_dir_from_argv  # noqa: E402

from bench_bridge import cpu_seconds, rss_mib  # noqa: E402

def message(msg_type, sender, seq, body):
    import datetime
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
    inner = f"35={msg_type}\x0149={sender}\x0156=FIXBRIDGE\x0134={seq}\x0152={now}\x01{body}"
    head = f"8=FIX.4.4\x019={len(inner)}\x01{inner}".encode()
    return head + f"10={sum(head) % 256:03d}\x01".encode()

def load(s, sessions, count, label):
    before = cpu_seconds(s.bridge.pid)
    p = subprocess.run(s.client_argv("--load", "--rate", "2000", "--count", str(count), "--sessions",
                                     str(sessions), "--symbols", "PF_XBTUSD", "--price", "40000:40000:1", "--qty",
                                     "0.001:0.001:0.001", "--duration", "60", "--json", "--wait-logon", "60",
                                     "--resume-until-idle", sender="LOAD"), text=True, capture_output=True,
                       timeout=200)
    line = [x for x in p.stdout.split("\n") if x.startswith("{")]
    if not line:
        print(label, "failed:", p.stdout[-500:], p.stderr[-500:])
        return
    r = json.loads(line[-1])
    h = r["accepted"]
    print(f"{label:44} {r['perSecond']:7.0f}/s  accepted p50 {h['p50']:7} p99 {h['p99']:8} us   CPU "
          f"{(cpu_seconds(s.bridge.pid) - before) * 1e6 / r['orders']:6.1f} us/order   RSS {rss_mib(s.bridge.pid):5.0f} MiB",
          flush=True)

def stalled(s, sender):
    """Logs on, asks for a long resend of everything, and never reads."""
    c = socket.create_connection(("127.0.0.1", s.port))
    c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.sendall(message("A", sender, 1, "98=0\x01108=60\x01141=Y\x01"))
    for seq in range(2, 3000):
        c.sendall(message("H", sender, seq, "11=x\x0155=PF_XBTUSD\x0154=1\x01"))
    return c

def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--count", type=int, default=20000)
    args = parser.parse_args()
    with Stack(bin_dir) as s:
        s.start_sim("--no-rate-limit", "--no-audit")
        names = [f"LOAD{i:04d}" for i in range(1, args.sessions + 1)] + ["STALLED"]
        s.write_config(sessions=names, fixbridge={"connections_max": "2000", "unauthenticated_max": "2000"},
                       account={"rate_limit": "no", "calls_max": "64", "connections": "16", "poll_fills": "1s",
                                "poll_orders": "60s", "order_wait_max": "60s"})
        s.start_bridge()
        empty = rss_mib(s.bridge.pid)
        print(f"{args.sessions} sessions configured, none connected: RSS {empty:.0f} MiB, "
              f"{empty * 1024 / args.sessions:.0f} KiB a session (program included)")
        load(s, args.sessions, args.count, f"{args.sessions} sessions, 2,000 orders/s")
        c = stalled(s, "STALLED")
        load(s, args.sessions, args.count, "the same, beside a consumer that never reads")
        c.close()

if __name__ == "__main__":
    main()
