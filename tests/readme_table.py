#!/usr/bin/env python3
"""The table of venues in README.md is what "fixbridge --venue-table" prints.

    readme_table.py FIXBRIDGE README [--update]
"""
import subprocess
import sys

BEGIN, END = "<!-- venue table: fixbridge --venue-table -->\n", "<!-- end of the venue table -->\n"


def main():
    printed = subprocess.run([sys.argv[1], "--venue-table"], check=True, stdout=subprocess.PIPE, text=True).stdout
    with open(sys.argv[2], encoding="utf-8") as f:
        text = f.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit("README.md has not the two markers of the venue table")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    wanted = head + BEGIN + printed + END + tail
    if "--update" in sys.argv:
        with open(sys.argv[2], "w", encoding="utf-8") as f:
            f.write(wanted)
    elif text != wanted:
        sys.exit("the venue table in README.md is out of date: run tests/readme_table.py with --update")


if __name__ == "__main__":
    main()
