#!/usr/bin/env python3
"""Who gets in: password by hash, signatures, replays, lock-out; with the real binary over loopback."""
import os
import subprocess
import time
import unittest

from raw_fix import Peer, logon, message, signed_logon, stamp
from stack import DICTIONARY, SECRET, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
PASSWORD = "correct horse battery"
KEY = "0123456789abcdef0123456789abcdef"


class LogonStack(Stack):
    """Each session has its own lines."""

    def write_sessions(self, sessions, fixbridge=None):
        lines = ["[fixbridge]", f"listen = 127.0.0.1:{self.port}", f"journal_dir = {self.path('journal')}",
                 "admin_listen = off", f"dictionary = {DICTIONARY}"]
        lines += [f"{k} = {v}" for k, v in (fixbridge or {}).items()]
        lines += ["[account main]", "venue = kraken-futures", f"url = {self.sim_url}", "key = sim-key",
                  f"secret = {SECRET}"]
        for name, keys in sessions.items():
            lines += [f"[session {name}]", "sender_comp_id = FIXBRIDGE", f"target_comp_id = {name}",
                      "accounts = main"]
            lines += [f"{k} = {v}" for k, v in keys.items()]
        with open(self.path("fixbridge.conf"), "w") as f:
            f.write("\n".join(lines) + "\n")
        os.chmod(self.path("fixbridge.conf"), 0o600)
        self.written = (sessions, fixbridge)

    def write_config(self, **kw):
        self.write_sessions(*self.written)

    def start_bridge(self, wait=30, **kw):
        self.config_args = {}
        super().start_bridge(wait, **kw)


class Logon(unittest.TestCase):
    def stack(self, sessions, fixbridge=None):
        s = LogonStack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_sessions(sessions, fixbridge)
        s.start_bridge()
        return s

    def hash_of(self, password):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        out = subprocess.run([s.program("fixbridge"), "hash-password"], input=password + "\n", text=True,
                             capture_output=True, timeout=60)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertTrue(out.stdout.startswith("password_hash = $scrypt$"), out.stdout)
        return out.stdout.split("=", 1)[1].strip()

    def answer(self, s, raw):
        """The first answer to a Logon, and how long it took."""
        with Peer(s.port) as p:
            start = time.monotonic()
            p.send(raw)
            got = p.receive()
            took = time.monotonic() - start
            if got is not None and ("35", "A") in got:
                p.send(message("5", 2, [], sender=dict(got)["56"]))
                while p.receive() is not None:
                    pass
            return got, took

    def refused(self, s, raw):
        got, took = self.answer(s, raw)
        self.assertIsNotNone(got, "an answer")
        self.assertIn(("35", "5"), got)
        self.assertIn(("34", "1"), got)
        self.assertIn(("58", "Logon refused"), got)
        return took

    def accepted(self, s, raw):
        got, _ = self.answer(s, raw)
        self.assertIsNotNone(got, "an answer")
        self.assertIn(("35", "A"), got)

    def log(self, s):
        with open(s.path("bridge.log")) as f:
            return f.read()

    def test_password_by_hash(self):
        s = self.stack({"ACME": {"username": "desk", "password_hash": self.hash_of(PASSWORD)}})
        out = s.script("logout\n", "--username", "desk", "--password", PASSWORD)
        self.assertIn("Logon", out)
        s.script("logout\n", "--username", "desk", "--password", PASSWORD, "--reset")
        wrong = [[("553", "desk"), ("554", PASSWORD + "x")], [("553", "des"), ("554", PASSWORD)],
                 [("553", "desk")], []]
        for fields in wrong:
            took = self.refused(s, logon(9, fields))
            self.assertGreater(took, 0.95)
        self.assertNotIn(PASSWORD, self.log(s))

    def test_messages_behind_the_logon_wait_for_the_slow_check(self):
        s = self.stack({"ACME": {"username": "desk", "password_hash": self.hash_of(PASSWORD)}})
        with Peer(s.port) as p:
            p.send(logon(1, [("553", "desk"), ("554", PASSWORD)]), message("1", 2, [("112", "behind")]))
            self.assertIn(("35", "A"), p.receive())
            self.assertIn(("112", "behind"), p.receive())

    def test_refusal_holds_nobody_up(self):
        s = self.stack({"ACME": {"username": "desk", "password": PASSWORD}}, {"refusal_delay": "3s"})
        good = [("553", "desk"), ("554", PASSWORD)]
        with Peer(s.port) as stranger:
            stranger.send(logon(1, [("553", "desk"), ("554", "guess")]))
            while "session.refused" not in self.log(s):
                time.sleep(0.01)
            start = time.monotonic()
            self.accepted(s, logon(1, good))
            self.assertLess(time.monotonic() - start, 2)
            self.assertIn(("58", "Logon refused"), stranger.receive())
            self.assertIsNone(stranger.receive())

    def test_hmac(self):
        s = self.stack({"ACME": {"auth": "hmac-sha256", "username": "desk", "logon_secret": KEY,
                                 "clock_skew_max": "0"}}, {"refusal_delay": "100ms"})
        with open(s.path("key"), "w") as f:
            f.write(KEY + "\n")
        s.script("logout\n", "--username", "desk", "--auth", "hmac", "--logon-key", s.path("key"))
        proof = signed_logon(KEY, 3)
        self.accepted(s, proof)
        self.refused(s, proof)                                      # once only
        self.refused(s, signed_logon(KEY, 4, at=stamp(-40)))        # too old
        self.refused(s, signed_logon(KEY, 4, at=stamp(40)))         # too new
        self.refused(s, signed_logon(KEY + "x", 4))
        self.refused(s, signed_logon(KEY, 4, user="other"))
        self.refused(s, logon(4, [("553", "desk"), ("554", KEY)]))
        late = signed_logon(KEY, 5)
        self.accepted(s, late)
        s.kill_bridge()
        s.start_bridge()
        self.refused(s, late)                                       # also after a restart
        self.accepted(s, signed_logon(KEY, 7))
        self.assertIn("used before", self.log(s))
        self.assertIn("older than what is remembered", self.log(s))
        self.assertNotIn(KEY, self.log(s))

    def test_ed25519(self):
        s = Stack(BIN)
        key, public = s.path("key.pem"), s.path("public.pem")
        self.addCleanup(s.__exit__, None, None, None)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
        with open(public) as f:
            line = f.read().split("\n")[1]
        ed = {"auth": "ed25519", "username": "desk"}
        t = self.stack({"ACME": {**ed, "logon_public_key_file": public}, "BETA": {**ed, "logon_public_key": line}},
                       {"refusal_delay": "100ms"})
        options = ["--username", "desk", "--auth", "ed25519", "--logon-key"]
        t.script("logout\n", *options, key)
        t.script("logout\n", *options, key, sender="BETA")
        other = t.path("other.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], check=True)
        p = subprocess.run(t.client_argv("--script", "/dev/null", *options, other, "--wait-logon", "0.5"), text=True,
                           capture_output=True, timeout=60)
        self.assertNotEqual(p.returncode, 0, p.stdout)
        self.assertIn("Logon refused", p.stdout)
        self.assertIn("wrong proof", self.log(t))

    def test_nothing_changes_before_success(self):
        s = self.stack({"ACME": {"username": "desk", "password": PASSWORD}}, {"refusal_delay": "0"})
        good = [("553", "desk"), ("554", PASSWORD)]
        self.accepted(s, logon(1, good))                            # numbers are now 3 and 3
        self.refused(s, logon(1, [("553", "desk"), ("554", "no"), ("141", "Y")]))
        self.refused(s, logon(9, [("553", "desk"), ("554", "no")]))
        got, _ = self.answer(s, logon(3, good))
        self.assertIn(("35", "A"), got)
        self.assertIn(("34", "3"), got)

    def test_lock_out_of_a_session_ends_by_itself(self):
        s = self.stack({"ACME": {"username": "desk", "password": PASSWORD},
                        "BETA": {"username": "desk", "password": PASSWORD}},
                       {"refusal_delay": "50ms", "lockout_session": "3", "lockout_time": "2s"})
        good = [("553", "desk"), ("554", PASSWORD)]
        for _ in range(3):
            self.refused(s, logon(1, [("553", "desk"), ("554", "guess")]))
        self.refused(s, logon(1, good))
        self.assertIn("locked out", self.log(s))
        self.accepted(s, logon(1, good, sender="BETA"))
        end = time.monotonic() + 10
        while True:
            got, _ = self.answer(s, logon(1, good))
            if got is not None and ("35", "A") in got:
                break
            self.assertLess(time.monotonic(), end, "the lock ends")

    def test_lock_out_of_an_address(self):
        s = self.stack({"ACME": {"username": "desk", "password": PASSWORD},
                        "BETA": {"username": "desk", "password": PASSWORD}},
                       {"refusal_delay": "0", "lockout_address": "2", "lockout_time": "1h"})
        good = [("553", "desk"), ("554", PASSWORD)]
        for _ in range(2):
            self.refused(s, logon(1, [("553", "desk"), ("554", "guess")]))
        self.refused(s, logon(1, good, sender="BETA"))
        self.assertIn("address.locked_out", self.log(s))

    def test_configuration_warns_of_a_password_in_clear(self):
        s = self.stack({"ACME": {"username": "desk", "password": PASSWORD}})
        p = subprocess.run([s.program("fixbridge"), "-c", s.path("fixbridge.conf"), "--check-config"], text=True,
                           capture_output=True, timeout=60)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn("password_hash", p.stderr)
        self.assertNotIn(PASSWORD, p.stderr + p.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
