#!/usr/bin/env python3
"""Secrets never reach a log, the message log, a journal or its dump, an operator's answer or an error text: a full
run with everything logged that can be, refused and taken Logons of each kind, orders, a restart; then each file and
each output is searched for each secret, also in base64 and hex."""
import base64
import glob
import os
import subprocess
import unittest

from raw_fix import Peer, logon, message, signed_logon, stamp
from security_stack import SecureStack
from stack import SECRET, bin_dir_from_argv

BIN = bin_dir_from_argv()
PASSWORD, WRONG, NEXT = "Correct-Horse-Battery-7", "Wrong-Horse-Battery-8", "Next-Horse-Battery-9"
LOGON_SECRET = "hmac-key-of-the-desk-0123456789ab"
API_KEY = "sim-key"


def forms(secret):
    raw = secret.encode()
    return {secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")}


class Secrets(unittest.TestCase):
    def setUp(self):
        s = self.s = SecureStack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.prepare({"ACME": {"auth": "password", "username": "user", "password": PASSWORD},
                   "SIGNED": {"auth": "hmac-sha256", "username": "desk", "logon_secret": LOGON_SECRET}},
                  tls=False, log_level="debug", log_fix="yes", log_rest="yes", log_messages="messages.log",
                  refusal_delay="0s", lockout_session="0", lockout_address="0")
        self.outputs, self.secrets = [], {PASSWORD, WRONG, NEXT, LOGON_SECRET, SECRET}

    def talk(self, first, *more, sender="ACME"):
        with Peer(self.s.port) as p:
            p.send(first)
            answers = [p.receive()]
            for m in more:
                p.send(m)
                answers.append(p.receive())
            p.send(message("5", 2 + len(more), [], sender=sender))
            while True:
                m = p.receive()
                if m is None:
                    break
                answers.append(m)
        self.outputs.append(("what clients are told", str(answers)))
        return dict(answers[0])["35"]

    def run_program(self, *words, code=None):
        p = subprocess.run([self.s.program("fixbridge"), *words], text=True, capture_output=True, timeout=60)
        self.outputs.append((" ".join(words), p.stdout + p.stderr))
        if code is not None:
            self.assertEqual(p.returncode, code, p.stdout + p.stderr)
        return p

    def search(self):
        s = self.s
        places = list(self.outputs)
        for path in [s.path("bridge.log"), *glob.glob(s.path("messages.log*")), *glob.glob(s.path("journal/*"))]:
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    places.append((os.path.basename(path), f.read().decode("latin-1")))
        self.assertTrue(any("|554=***|" in text for name, text in places if name == "messages.log"))
        self.assertGreater(len(places), 12)
        for name, text in places:
            for secret in self.secrets:
                for form in forms(secret):
                    self.assertFalse(form in text, f"{secret!r} is in {name}: {self.around(text, form)}")

    @staticmethod
    def around(text, form):
        at = text.find(form)
        return text[max(0, at - 200):at + 20]

    def test_a_full_run(self):
        s = self.s
        config = s.path("fixbridge.conf")
        wrong = logon(1, [("553", "user"), ("554", WRONG)])
        self.assertEqual(self.talk(wrong), "5")
        self.assertEqual(self.talk(logon(1, [("553", "stranger"), ("554", PASSWORD)])), "5")
        # In fields where they do not belong, and in a message that is rejected.
        self.assertEqual(self.talk(logon(1, [("553", "user"), ("554", PASSWORD)]),
                                   message("1", 2, [("112", "x"), ("554", PASSWORD)]),
                                   message("BE", 3, [("923", "u"), ("924", 3), ("553", "user"), ("554", PASSWORD),
                                                     ("925", NEXT)]),
                                   message("D", 4, [("11", "s1"), ("55", "PF_XBTUSD"), ("54", 1), ("38", 1),
                                                    ("40", 2), ("44", 30000), ("59", 1), ("60", stamp())])), "A")
        signed = signed_logon(LOGON_SECRET, sender="SIGNED")
        proof = signed.split(b"\x0196=")[1].split(b"\x01")[0].decode()
        self.secrets.add(proof)
        self.assertEqual(self.talk(signed, sender="SIGNED"), "A")
        self.assertEqual(self.talk(signed, sender="SIGNED"), "5")      # replayed
        bad = signed_logon("another key, 16 bytes and more", seq=3, sender="SIGNED")
        self.secrets.add(bad.split(b"\x0196=")[1].split(b"\x01")[0].decode())
        self.assertEqual(self.talk(bad, sender="SIGNED"), "5")
        # A Logon that is cut off, and one that is no FIX.
        with Peer(s.port) as p:
            p.send(wrong[:-20])
        with Peer(s.port) as p:
            p.send(b"554=" + WRONG.encode() + b"\x01")
        for words in (["sessions"], ["session", "ACME", "show"], ["orders"], ["venues"], ["stats"], ["reload"]):
            self.run_program("--config", config, "admin", *words, code=0)
        self.run_program("--config", config, "--check-config", code=0)
        self.run_program("--config", config, "venue", "main", "positions")
        # A configuration with mistakes beside its secrets.
        with open(config) as f:
            text = f.read()
        broken = s.path("broken.conf")
        with open(broken, "w") as f:
            f.write(text.replace("username = user", "usernam = user").replace("auth = hmac-sha256", "auth = hmac")
                    .replace(f"secret = {SECRET}", f"secret = {SECRET}!"))
        os.chmod(broken, 0o600)
        self.secrets.add(SECRET + "!")
        self.assertNotEqual(self.run_program("--config", broken, "--check-config").returncode, 0)
        s.kill_bridge()
        s.start_bridge()
        s.stop_bridge()
        for words in (["dump"], ["verify"], ["export"]):
            target = [s.path("export")] if words == ["export"] else []
            self.run_program("journal", *words, s.path("journal"), *target, code=0)
        for path in glob.glob(s.path("export/*")):
            with open(path) as f:
                self.outputs.append((path, f.read()))
        self.search()
        self.no_key_in_the_log()

    def no_key_in_the_log(self):
        with open(self.s.path("bridge.log")) as f:
            log = f.read()
        self.assertIn("sendorder", log)                 # the calls are there
        self.assertNotIn(API_KEY, log)
        self.assertNotIn("Authent", log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
