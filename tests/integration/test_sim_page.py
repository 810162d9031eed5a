#!/usr/bin/env python3
"""The venue simulator's page in a real headless Chromium; what is done is in page_client/sim_page.js. The browser
and its driver are found and installed as for the status page."""
import json
import os
import subprocess
import unittest

from test_page import BIN, BROWSER, MODULES, SOURCE, setUpModule  # noqa: F401
from stack import Stack


class SimPage(unittest.TestCase):
    def test_by_hand(self):
        with Stack(BIN) as s:
            given = {"url": s.start_sim(), "browser": BROWSER}
            p = subprocess.run(["node", os.path.join(SOURCE, "sim_page.js"), json.dumps(given)], text=True,
                               capture_output=True, timeout=150,
                               env={**os.environ, "NODE_PATH": os.path.join(MODULES, "node_modules")})
            self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
            self.assertIn("done ", p.stdout)


if __name__ == "__main__":
    unittest.main()
