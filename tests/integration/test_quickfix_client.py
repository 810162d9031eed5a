"""quickfix_client against the small acceptor, to know that it works before it judges the bridge:
test_quickfix_client.py QUICKFIX_CLIENT DICTIONARY"""
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sim"))
from mini_acceptor import Acceptor, Connection  # noqa: E402

CLIENT, DICTIONARY = sys.argv[1], sys.argv[2]


class QuickFixClient(unittest.TestCase):
    def play(self, code):
        acceptor = Acceptor()
        done = subprocess.run([CLIENT, "127.0.0.1", str(acceptor.port), "ACME", "FIXBRIDGE", "u", "secret",
                               DICTIONARY, "PF_XBTUSD", "100"], capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_the_story_passes(self):
        self.assertIn("QuickFIX accepted every message", self.play(0))

    def test_a_tag_unknown_to_the_dictionary_fails_it(self):
        report = Connection.report
        try:
            Connection.report = lambda *a, **k: report(*a, **{**k, "extra": [(1003, "x")]})
            self.assertIn("QuickFIX rejects a message of the bridge", self.play(1))
        finally:
            Connection.report = report


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
