#!/usr/bin/env python3
"""The files for watching in bridge/package, against the table of metrics in bridge/daemon/metrics.c: every metric
and label they name is in it, counters are used as counters, and they are well formed. promtool checks and tries
the rules too, where it is installed. Does not judge whether the thresholds are wise.

    watch_files.py SOURCE_DIRECTORY
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

TOP = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DASHBOARD = os.path.join(TOP, "bridge/package/grafana-dashboard.json")
RULES = os.path.join(TOP, "bridge/package/prometheus-rules.yml")
TRIALS = os.path.join(TOP, "tests/watch_rules.test.yml")
ANYWHERE = {"instance", "job", "le"}                    # labels Prometheus itself adds, and the histograms'


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def table():
    """{metric: (type, labels)} as metrics.c has it."""
    text = read(os.path.join(TOP, "bridge/daemon/metrics.c"))
    rows = re.findall(r'\{\s*"(\w+)",\s*([CGH]),\s*"([^"]*)"', text)
    return {name: (kind, {x.strip() for x in labels.split(",") if x.strip()}) for name, kind, labels in rows}


def mistakes(expr, known):
    """What is wrong with an expression, as far as the table of metrics tells."""
    found = []
    for m in re.finditer(r"(rate|increase|changes|predict_linear)?\s*\(?\s*\b((?:fixbridge|process)_\w+)(\{[^}]*\})?(\[)?", expr):
        name, labels = m.group(2), set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", m.group(3) or ""))
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        name = base if known.get(base, "")[:1] == ("H",) else name
        if name not in known:
            found.append(f"{name}: no such metric")
            continue
        kind, own = known[name]
        found += [f"{name}: no label {x}" for x in labels - own - ANYWHERE]
        if kind != "G" and m.group(1) not in ("rate", "increase"):
            found.append(f"{name}: a counter outside rate() and increase()")
        if m.group(1) and not m.group(4):
            found.append(f"{name}: {m.group(1)}() without a range")
    return found


def read_rules(text):
    """The rules of a file in the plain style of ours: `key: value` one a line, two blanks a level."""
    rules, place = [], None
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        m = re.fullmatch(r"( *)(- )?(\w+):(?: (\S.*))?", line)
        if m is None or len(m.group(1)) % 2 or "\t" in line:
            raise ValueError(f"line {number}: not \"key: value\": {line}")
        depth, key, value = len(m.group(1)) // 2, m.group(3), m.group(4)
        if value and value[0] == '"':
            value = json.loads(value)
        elif value and (": " in value or " #" in value or value[0] in "{[&*!|>%@`'"):
            raise ValueError(f"line {number}: must be quoted: {value}")
        if key == "alert":
            rules.append({"alert": value})
            place = rules[-1]
        elif depth == 4 and rules:
            place = rules[-1]
            if value is None:
                place = place.setdefault(key, {})
            elif key in place:
                raise ValueError(f"line {number}: {key} twice")
            else:
                place[key] = value
        elif depth == 5 and place is not None:
            place[key] = value
        elif (depth, key) not in ((0, "groups"), (1, "name"), (2, "rules")):
            raise ValueError(f"line {number}: {key} is out of place")
    return rules


class WatchFiles(unittest.TestCase):
    def setUp(self):
        self.known = table()

    def test_the_table_is_found(self):
        self.assertGreater(len(self.known), 40)
        self.assertEqual(self.known["fixbridge_venue_calls_total"], ("C", {"account", "op", "outcome"}))
        self.assertEqual(self.known["fixbridge_stage_seconds"], ("H", {"stage"}))

    def test_mistakes_are_noticed(self):
        for expr in ("fixbridge_nosuch", "fixbridge_orders_taken_total", "rate(fixbridge_fills_total)",
                     'fixbridge_venue_up{venue="x"}', "fixbridge_stage_seconds_bucket", "rate(fixbridge_ready_sum[5m])"):
            self.assertEqual(len(mistakes(expr, self.known)), 1, expr)
        for text in ("groups:\n  - name: x\n    rules:\n      - alert: A\n         expr: up", "alert A", "groups:\n\t- name: x"):
            self.assertRaises(ValueError, read_rules, text)

    def test_dashboard(self):
        d = json.loads(read(DASHBOARD))
        names = [v["name"] for v in d["templating"]["list"]]
        self.assertEqual(names[0], "datasource")
        self.assertEqual(d["templating"]["list"][0]["query"], "prometheus")
        self.assertEqual(len({p["id"] for p in d["panels"]}), len(d["panels"]))
        queries = [v["query"]["query"] for v in d["templating"]["list"][1:]]
        for q in queries:
            metric, name = re.fullmatch(r"label_values\((\w+), (\w+)\)", q).groups()
            self.assertIn(name, self.known[metric][1] | ANYWHERE, q)
        graphs = [p for p in d["panels"] if p["type"] != "row"]
        for p in graphs:
            self.assertTrue(p["targets"], p["title"])
            self.assertEqual(p["datasource"]["uid"], "${datasource}", p["title"])
            self.assertLessEqual(p["gridPos"]["x"] + p["gridPos"]["w"], 24, p["title"])
            for t in p["targets"]:
                expr = re.sub(r"\$__rate_interval", "5m", t["expr"])
                self.assertEqual(mistakes(expr, self.known), [], p["title"])
                self.assertIn("fixbridge", expr)
                for used in re.findall(r"\$\{?(\w+)", expr):
                    self.assertIn(used, names, p["title"])
        used = " ".join(t["expr"] for p in graphs for t in p["targets"])
        for topic in ("session_up", "orders_taken", 'stage="durable"', 'stage="sent"', 'stage="answered"',
                      'stage="reported"', "venue_calls_total", "venue_rate_left", "unknown_outcomes", "journal_space"):
            self.assertIn(topic, used)

    def test_rules(self):
        rules = read_rules(read(RULES))
        self.assertGreater(len(rules), 15)
        self.assertEqual(len({r["alert"] for r in rules}), len(rules))
        headings = re.findall(r"^#+ (.+)$", read(os.path.join(TOP, "README.md")), re.M)
        for r in rules:
            name = r["alert"]
            self.assertRegex(name, r"\AFixbridge[A-Z]\w+\Z")
            self.assertEqual(set(r) - {"for"}, {"alert", "expr", "labels", "annotations"}, name)
            self.assertEqual(mistakes(r["expr"], self.known), [], name)
            self.assertIn(r["labels"]["severity"], ("page", "ticket"), name)
            self.assertRegex(r.get("for", "1m"), r"\A\d+[smh]\Z", name)
            self.assertTrue(r["annotations"]["summary"], name)
            runbook = r["annotations"]["runbook"]
            self.assertIn(runbook, headings, f"{name}: README.md has no such heading")

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed (Debian package prometheus)")
    def test_promtool(self):
        for command in (["check", "rules", RULES], ["test", "rules", TRIALS]):
            p = subprocess.run(["promtool"] + command, capture_output=True, text=True, timeout=120)
            self.assertEqual(p.returncode, 0, p.stdout + p.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
