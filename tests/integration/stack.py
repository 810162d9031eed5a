"""Starts the real programs for integration tests: venue simulator, bridge, FIX client. Free ports, a
directory of its own, nothing left behind. Standard library only."""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DICTIONARY = os.path.join(ROOT, "dictionaries", "FIX44.xml")
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="


class Failure(Exception):
    pass


def wait_for_line(stream, marker, seconds):
    """Reads lines of a pipe until one holds `marker`; returns it."""
    end = time.monotonic() + seconds
    seen = []
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            raise Failure(f"no line with {marker!r} in {seconds} s; got {''.join(seen)[-2000:]!r}")
        line = stream.readline()
        if line == "":
            raise Failure(f"ended before a line with {marker!r}: {''.join(seen)[-2000:]!r}")
        seen.append(line)
        if marker in line:
            return line


class Stack:
    """with Stack(bin_dir) as s: s.start_sim(...); s.start_bridge(...); s.client(...)"""

    def __init__(self, bin_dir, keep=False):
        self.bin_dir = bin_dir
        self.dir = tempfile.mkdtemp(prefix="fixbridge-test-")
        self.keep = keep
        self.sim = self.bridge = None
        self.port = 0
        self.processes = []
        self.logs = []

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for p in self.processes:
            if p.poll() is None:
                p.kill()
            p.wait()
            if p.stdout is not None:
                p.stdout.close()
        for f in self.logs:
            f.close()
        if kind is not None and issubclass(kind, (Failure, AssertionError)):
            self.show_log("bridge.log")
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def program(self, name):
        for candidate in (os.path.join(self.bin_dir, name), os.path.join(self.bin_dir, "tests", "sim", name),
                          os.path.join(self.bin_dir, "tests", "integration", name)):
            if os.path.exists(candidate):
                return candidate
        raise Failure(f"{name} is not built below {self.bin_dir}")

    def show_log(self, name, lines=40):
        try:
            with open(self.path(name)) as f:
                print(f"--- end of {name}\n" + "".join(f.readlines()[-lines:]), file=sys.stderr)
        except OSError:
            pass

    def spawn(self, argv, **kw):
        p = subprocess.Popen(argv, text=True, **kw)
        self.processes.append(p)
        return p

    # ---- venue simulator

    def start_sim(self, *options):
        self.sim = self.spawn([self.program("venuesim"), "--port", "0", *options], stdout=subprocess.PIPE)
        line = wait_for_line(self.sim.stdout, "listening on", 20)
        self.sim_url = line.split("listening on")[1].strip()
        return self.sim_url

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.sim_url + path, data=data), timeout=20) as r:
            text = r.read().decode()
        return text

    def fault(self, **kw):
        self.control("/sim/fault", kw)

    def clear_faults(self):
        self.control("/sim/fault/clear", {})

    def audit(self):
        return json.loads(self.control("/sim/audit?summary=1"))

    # ---- bridge

    def write_config(self, sessions=("ACME",), fixbridge=None, account=None, session=None,
                     venue="kraken-futures", secret=SECRET, key="sim-key"):
        lines = ["[fixbridge]", f"listen = 127.0.0.1:{self.port}", f"journal_dir = {self.path('journal')}",
                 f"dictionary = {DICTIONARY}"]
        if "admin_listen" not in (fixbridge or {}):
            lines.append("admin_listen = 127.0.0.1:0")
        lines += [f"{k} = {v}" for k, v in (fixbridge or {}).items()]
        lines += ["[account main]", f"venue = {venue}", f"url = {self.sim_url}", f"key = {key}",
                  f"secret = {secret}"]
        lines += [f"{k} = {v}" for k, v in (account or {}).items()]
        for name in sessions:
            lines += [f"[session {name}]", "sender_comp_id = FIXBRIDGE", f"target_comp_id = {name}",
                      "accounts = main", "auth = none"]
            lines += [f"{k} = {v}" for k, v in (session or {}).items()]
        with open(self.path("fixbridge.conf"), "w") as f:
            f.write("\n".join(lines) + "\n")
        os.chmod(self.path("fixbridge.conf"), 0o600)
        self.config_args = dict(sessions=sessions, fixbridge=fixbridge, account=account, session=session,
                                venue=venue, secret=secret, key=key)

    def start_bridge(self, wait=30, program="fixbridge", env=None, trading=True):
        """First on a free port, later on the same one. `env`: more variables of its environment. Returns when
        orders are taken, that is, every account has its instruments; not `trading`: when it listens."""
        self.log_begin = os.path.getsize(self.path("bridge.log")) if os.path.exists(self.path("bridge.log")) else 0
        port_file = self.path("port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        log = open(self.path("bridge.log"), "a")
        self.logs.append(log)
        self.bridge = self.spawn([self.program(program), "--config", self.path("fixbridge.conf"),
                                  "--port-file", port_file], stderr=log, stdout=log,
                                 env={**os.environ, **(env or {})})
        end = time.monotonic() + wait
        while not (os.path.exists(port_file) and os.path.getsize(port_file) > 0):
            if self.bridge.poll() is not None:
                raise Failure(f"the bridge ended with {self.bridge.returncode} instead of listening")
            if time.monotonic() > end:
                raise Failure("the bridge does not listen")
            select.select([], [], [], 0.005)
        with open(port_file) as f:
            text = f.read().strip()
        ports = [int(line.rsplit(":", 1)[-1]) for line in text.split("\n")]
        port, self.tls_port = ports[0], ports[-1]      # the same when there is only one listener
        if self.port == 0:
            self.port = port
            self.write_config(**self.config_args)
        if trading:
            with open(self.path("fixbridge.conf")) as f:
                accounts = f.read().count("[account ")
            self.wait_for_log("instruments.loaded", wait, accounts)

    def wait_for_log(self, marker, seconds=20, count=1):
        """Waits for so many of it since the last start."""
        end = time.monotonic() + seconds
        while True:
            with open(self.path("bridge.log")) as f:
                f.seek(self.log_begin)
                if f.read().count(marker) >= count:
                    return
            if self.bridge.poll() is not None:
                raise Failure(f"the bridge ended with {self.bridge.returncode} before {marker!r} in its log")
            if time.monotonic() > end:
                raise Failure(f"no {marker!r} in the bridge's log")
            select.select([], [], [], 0.01)

    def kill_bridge(self):
        self.bridge.send_signal(signal.SIGKILL)
        self.bridge.wait()

    def stop_bridge(self, seconds=30):
        self.bridge.send_signal(signal.SIGTERM)
        code = self.bridge.wait(seconds)
        if code != 0:
            raise Failure(f"the bridge ended with {code} after SIGTERM")

    # ---- FIX client

    def client_argv(self, *options, sender="ACME"):
        return [self.program("fixclient"), "--connect", f"127.0.0.1:{self.port}", "--sender", sender, "--target",
                "FIXBRIDGE", "--dictionary", DICTIONARY, "--color", "never", *options]

    def script(self, text, *options, sender="ACME", seconds=120):
        """Plays a fixclient script; returns its output; fails when the script does."""
        path = self.path("story.script")
        with open(path, "w") as f:
            f.write(text)
        p = subprocess.run(self.client_argv("--script", path, *options, sender=sender), text=True,
                           capture_output=True, timeout=seconds)
        if p.returncode != 0:
            raise Failure(f"the script ended with {p.returncode}:\n{p.stdout}\n{p.stderr}")
        return p.stdout


def bin_dir_from_argv():
    """The build directory: given as the first argument by CTest."""
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        print(f"usage: {sys.argv[0]} BUILD_DIRECTORY [options]", file=sys.stderr)
        sys.exit(2)
    return sys.argv.pop(1)
