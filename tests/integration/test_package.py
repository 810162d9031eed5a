#!/usr/bin/env python3
"""The Debian package: built, unpacked, its binary run in the foreground as a service manager would, with secrets
from a credentials directory, notifications, a watchdog, a log file, reload and stop."""
import os
import re
import signal
import socket
import subprocess
import unittest

from stack import SECRET, Failure, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()


def run(*argv):
    p = subprocess.run(argv, text=True, capture_output=True, timeout=120)
    if p.returncode != 0:
        raise Failure(f"{argv[0]} ended with {p.returncode}:\n{p.stdout}\n{p.stderr}")
    return p.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = s = Stack(BIN)
        cls.addClassCleanup(s.__exit__, None, None, None)
        run("cpack", "-G", "DEB", "--config", os.path.join(BIN, "CPackConfig.cmake"), "-B", s.path("package"))
        deb = [f for f in os.listdir(s.path("package")) if f.endswith(".deb")]
        if len(deb) != 1:
            raise Failure(f"expected one package, found {deb}")
        cls.deb = os.path.join(s.path("package"), deb[0])
        cls.root = s.path("root")
        run("dpkg-deb", "-x", cls.deb, cls.root)

    def installed(self, *path):
        return os.path.join(self.root, *path)

    def text(self, *path):
        with open(self.installed(*path)) as f:
            return f.read()

    def test_control_data(self):
        fields = run("dpkg-deb", "-f", self.deb)
        for library in ("libcurl4", "libev4", "libssl3", "libcjson1", "libc6"):
            self.assertRegex(fields, rf"Depends: .*\b{library}\b")
        self.assertEqual(run("dpkg-deb", "--ctrl-tarfile", self.deb) != "", True)
        unit = self.text("usr/lib/systemd/system/fixbridge.service")
        binary = re.search(r"ExecStart=(\S+)", unit).group(1)
        self.assertTrue(os.access(self.installed(binary.lstrip("/")), os.X_OK), binary)
        config = self.text("etc/fixbridge/fixbridge.conf")
        dictionary = re.search(r"dictionary\s*=\s*(\S+)", config).group(1)
        self.assertTrue(os.path.exists(self.installed(dictionary.lstrip("/"))), dictionary)
        for file in ("grafana-dashboard.json", "prometheus-rules.yml"):
            self.assertIn("fixbridge_ready", self.text("usr/share/fixbridge", file))

    def test_manual_pages_tell_all_keys_and_options(self):
        binary = self.installed("usr/bin/fixbridge")
        page = self.text("usr/share/man/man5/fixbridge.conf.5").replace("\\-", "-")
        keys = re.findall(r"^\| `([^`]+)` \|", run(binary, "--config-reference"), re.M)
        self.assertGreater(len(keys), 80)
        for key in keys:
            self.assertIn(f".TP\n.B {key}\n", page)
        page = self.text("usr/share/man/man1/fixbridge.1").replace("\\-", "-").replace("\\", "")
        text = run(binary, "--help")
        for option in set(re.findall(r"--[a-z][a-z-]+", text)):
            self.assertIn(option, page)
        codes = re.findall(r"^ +(\d+) |    (\d+) ", text[text.index("Exit codes"):], re.M)
        for code in (a or b for a, b in codes):
            self.assertRegex(page, rf"(?m)^ ?{code}  \S")

    def write(self, name, text, mode=0o600):
        path = self.stack.path(name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def configuration(self):
        s = self.stack
        text = self.text("etc/fixbridge/fixbridge.conf")
        text = re.sub(r"listen .*", "listen = 127.0.0.1:0", text)
        text = re.sub(r"journal_dir .*", f"journal_dir = {s.path('journal')}", text)
        text = re.sub(r"dictionary .*", "dictionary = " + self.installed("usr/share/fixbridge/FIX44.xml"), text)
        return self.write("fixbridge.conf", text + f"""
log_file = {s.path('service.log')}
[account kf-main]
venue = kraken-futures
url = {s.sim_url}
key_file = credential:kf-main.key
secret_file = credential:kf-main.secret
[session client1]
sender_comp_id = FIXBRIDGE
target_comp_id = ACME
accounts = kf-main
auth = none
""")

    def test_foreground_service_with_notifications(self):
        s = self.stack
        s.start_sim()
        os.makedirs(s.path("credentials"), exist_ok=True)
        self.write("credentials/kf-main.key", "sim-key\n")
        self.write("credentials/kf-main.secret", SECRET + "\n")
        config = self.configuration()
        binary = self.installed("usr/bin/fixbridge")
        p = subprocess.run([binary, "--config", config, "--check-config"], text=True, capture_output=True,
                           env={k: v for k, v in os.environ.items() if k != "CREDENTIALS_DIRECTORY"})
        self.assertEqual(p.returncode, 1)
        self.assertIn("CREDENTIALS_DIRECTORY", p.stderr)
        self.assertIn("key_file", p.stderr)

        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(s.path("notify"))
        manager.settimeout(20)
        service = s.spawn([binary, "--config", config, "--port-file", s.path("port")],
                          stderr=subprocess.PIPE,
                          env=dict(os.environ, CREDENTIALS_DIRECTORY=s.path("credentials"),
                                   NOTIFY_SOCKET=s.path("notify"), WATCHDOG_USEC="200000"))
        self.addCleanup(service.stderr.close)

        def until(word):
            while True:
                got = manager.recv(4096).decode().split("\n")
                if word in got:
                    return got

        self.assertTrue(any(line.startswith("STATUS=") for line in until("READY=1")))
        until("WATCHDOG=1")
        with open(s.path("port")) as f:
            s.port = int(f.read().split(":")[-1])
        s.script("new id=p1 symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\n"
                 "expect 35=8 11=p1 150=0\nlogout\n")
        service.send_signal(signal.SIGHUP)
        until("RELOADING=1")
        until("READY=1")
        until("WATCHDOG=1")
        service.send_signal(signal.SIGTERM)
        until("STOPPING=1")
        self.assertEqual(service.wait(30), 0)
        with open(s.path("service.log")) as f:
            log = f.read()
        for event in ("listening", "session.up", "reload", "stopped"):
            self.assertRegex(log, rf"(?m)^\S+ (info|warn) {re.escape(event)}\b")
        self.assertNotIn(SECRET, log)
        self.assertEqual(os.stat(s.path("service.log")).st_mode & 0o077, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
