#!/usr/bin/env python3
"""Orders a second and CPU of the bridge process per order, through the real binaries over loopback, for
each durability; beside what a bare libcurl multi loop costs in the same minutes. Prints, asserts nothing.

    bench_bridge.py BUILD_DIRECTORY [--count 20000] [--runs 3]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from stack import Stack, bin_dir_from_argv  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_mib(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def one(bin_dir, durability, outstanding, count, sessions):
    with Stack(bin_dir) as s:
        s.start_sim("--no-rate-limit", "--no-audit")
        names = ["LOAD"] if sessions == 1 else [f"LOAD{i:04d}" for i in range(1, sessions + 1)]
        s.write_config(sessions=names, fixbridge={"durability": durability},
                       account={"rate_limit": "no", "calls_max": "64", "connections": "16", "poll_fills": "1s",
                                "poll_orders": "60s", "order_wait_max": "60s"})
        s.start_bridge()
        before = cpu_seconds(s.bridge.pid)
        p = subprocess.run(s.client_argv("--load", "--count", str(count), "--outstanding",
                                         str(max(1, outstanding // sessions)), "--sessions", str(sessions),
                                         "--symbols", "PF_XBTUSD", "--price", "40000:40000:1", "--side", "buy", "--qty",
                                         "0.001:0.001:0.001", "--duration", "120", "--json",
                                         "--resume-until-idle", sender="LOAD"), text=True,
                           capture_output=True, timeout=300)
        cpu = cpu_seconds(s.bridge.pid) - before
        if p.returncode != 0:
            print(p.stdout[-2000:], p.stderr[-500:])
        result = json.loads([line for line in p.stdout.split("\n") if line.startswith("{")][-1])
        return result, cpu * 1e6 / count, rss_mib(s.bridge.pid)


def find(result, *names):
    for name in names:
        if name in result:
            return result[name]
    return None


def main():
    bin_dir = bin_dir_from_argv()
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    print(f"{'durability':10} {'sessions':>8} {'outstanding':>11} {'orders/s':>9} {'CPU us/order':>12} {'RSS MiB':>8}")
    for outstanding, sessions in ((1, 1), (256, 1), (256, 50)):
        for durability in ("sync", "written", "memory"):
            count = args.count if outstanding > 1 else args.count // 5
            rates, cpus, rss = [], [], []
            for _ in range(args.runs):
                result, cpu, mib = one(bin_dir, durability, outstanding, count, sessions)
                rates.append(result["sent"] / result["seconds"])
                cpus.append(cpu)
                rss.append(mib)
            print(f"{durability:10} {sessions:8} {outstanding:11} {statistics.median(rates):9.0f} "
                  f"{statistics.median(cpus):12.1f} {statistics.median(rss):8.0f}", flush=True)
    bare = os.path.join(bin_dir, "tests", "bench", "bench_transport")
    if os.path.exists(bare):
        print("\nthe transport alone, and a bare libcurl multi loop:")
        subprocess.run([bare], check=False)


if __name__ == "__main__":
    main()
