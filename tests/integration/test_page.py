#!/usr/bin/env python3
"""The status page in a real headless Chromium, while orders flow. Playwright is installed by npm below the
build directory; the browser is the system's. What is done and looked at is in page_client/page.js.
FIXBRIDGE_SCREENSHOTS=DIRECTORY keeps pictures of it."""
import hashlib
import json
import os
import select
import shutil
import subprocess
import threading
import unittest

from admin_http import AdminHttp
from raw_fix import Peer, logon, message, stamp
from stack import SECRET, Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page_client")
MODULES = os.path.join(os.path.abspath(BIN), "tests", "integration", "page")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def setUpModule():
    """npm ci, unless these versions are there already. No scripts of the packages are run."""
    if BROWSER is None:
        raise unittest.SkipTest("no Chromium here")
    with open(os.path.join(SOURCE, "package-lock.json"), "rb") as f:
        versions = hashlib.sha256(f.read()).hexdigest()
    mark = os.path.join(MODULES, "installed")
    if os.path.exists(mark):
        with open(mark) as f:
            if f.read() == versions:
                return
    os.makedirs(MODULES, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(SOURCE, name), MODULES)
    npm = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
                         cwd=MODULES, text=True, capture_output=True, timeout=150)
    if npm.returncode != 0:
        raise Failure(f"npm ci ended with {npm.returncode}: {npm.stderr[-2000:]}")
    with open(mark, "w") as f:
        f.write(versions)


class Traffic:
    """A client that trades until it is told to stop: an order, and now and then a cancel; slowly enough for the
    account's rate limit, or the newest orders would wait for it and have no venue id."""

    def __init__(self, port, first):
        self.peer = Peer(port, seconds=60)
        self.peer.send(logon())
        self.seq, self.number, self.stopped = 2, 0, threading.Event()
        self.order(first)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def send(self, kind, fields):
        self.peer.send(message(kind, self.seq, fields + [("60", stamp())]))
        self.seq += 1

    def order(self, name):
        self.send("D", [("11", name), ("55", "PF_XBTUSD"), ("54", "1"), ("38", "1"), ("40", "2"), ("44", "50000"),
                        ("59", "1")])

    def run(self):
        while not self.stopped.wait(1):
            self.number += 1
            self.order(f"t{self.number}")
            if self.number % 3 == 0:
                self.send("F", [("11", f"c{self.number}"), ("41", f"t{self.number - 2}"), ("55", "PF_XBTUSD"),
                                ("54", "1")])
            while select.select([self.peer.socket], [], [], 0)[0]:
                if self.peer.socket.recv(65536) == b"":
                    return

    def stop(self):
        self.stopped.set()
        self.thread.join()
        self.peer.socket.close()


class Page(unittest.TestCase):
    def test_an_operator_works_with_it(self):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_config(sessions=("ACME", "BETA"), account={"poll_fills": "200ms"})
        s.start_bridge()
        admin = AdminHttp(s)
        traffic = Traffic(s.port, "find-me-1")
        self.addCleanup(traffic.stop)
        given = {"url": admin.url, "token": admin.token, "browser": BROWSER, "order": "find-me-1", "secret": SECRET,
                 "shots": os.environ.get("FIXBRIDGE_SCREENSHOTS")}
        p = subprocess.run(["node", os.path.join(SOURCE, "page.js"), json.dumps(given)], text=True,
                           capture_output=True, timeout=200,
                           env={**os.environ, "NODE_PATH": os.path.join(MODULES, "node_modules")})
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        self.assertRegex(p.stdout, r"(?m)^done 1\d$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
