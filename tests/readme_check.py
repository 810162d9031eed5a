#!/usr/bin/env python3
"""What README.md says of names is true: links lead somewhere, every command of "admin help" and every option of
"fixbridge --help" is told, and every key of the configuration it shows exists.

    readme_check.py FIXBRIDGE SOURCE_DIRECTORY
"""
import os
import re
import subprocess
import sys

FIXBRIDGE, TOP = sys.argv[1], sys.argv[2]


def anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-")


def printed(option):
    return subprocess.run([FIXBRIDGE, option], check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(TOP, "bridge/daemon/control_verbs.c"), encoding="utf-8") as f:
        verbs = set(re.findall(r'^\s*\{ "([a-z-]+)"', f.read(), re.M))
    mistakes = []
    anchors = {anchor(h) for h in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, part = target.partition("#")
        if path and not path.startswith("http") and not os.path.exists(os.path.join(TOP, path)):
            mistakes.append(f"link to {target}: no such file")
        if not path and part not in anchors:
            mistakes.append(f"link to {target}: no such heading")
    if len(verbs) < 15:
        mistakes.append("control_verbs.c: its table was not found")
    mistakes += [f"admin {v}: not told" for v in sorted(verbs) if not re.search(rf"[|`,] ?`?{v}\b", text)]
    mistakes += [f"{o}: not told" for o in set(re.findall(r"--[a-z][a-z-]+", printed("--help")))
                 if o not in text and o != "--version"]
    keys = set(re.findall(r"^\| `([^`]+)` \|", printed("--config-reference"), re.M))
    for block in re.findall(r"(?m)^    \[(?:fixbridge|account \S+|session \S+)\]\n((?:    .*\n)+)", text):
        mistakes += [f"{k}: no such key" for k in re.findall(r"(?m)^    ([a-z_]+) += ", block) if k not in keys]
    shown = re.findall(r"`([a-z]+(?:_[a-z0-9]+)*) = [^`]*`", text)
    mistakes += [f"{k}: no such key" for k in shown if k not in keys]
    if mistakes:
        sys.exit("README.md:\n  " + "\n  ".join(mistakes))


if __name__ == "__main__":
    main()
