#!/usr/bin/env python3
"""Holds what the compiler does not: the dependency arrows between layers, banned calls, lengths of
lines, functions and files, and what may stand at the top level. Prints every finding as
FILE:LINE: what; exits 1 when there is one. `--self-test` proves that each rule can fail."""
import os
import re
import subprocess
import sys

TOP_LEVEL = {"CMakeLists.txt", "README.md", "LICENSE", "fix", "bridge", "venues", "dictionaries", "tests"}
LINE_MAX, FUNCTION_MAX, FILE_MAX = 100, 70, 700
BANNED = ("strcpy strcat sprintf strncpy strtok atoi atol atof strtod gets rand alloca gmtime localtime "
          "vsprintf").split()
BANNED_IN_CORE = "time clock_gettime gettimeofday open read write fopen printf fprintf getenv exit sleep usleep".split()
PRODUCT = ("fix/", "venues/", "bridge/")
SHELL = ("bridge/daemon/", "venues/transport/")


def layer_of(path):
    if path.startswith("fix/base/"):
        return "base"
    if path.startswith("fix/"):
        return "fix"
    if path.startswith("venues/transport/"):
        return "transport"
    if path.startswith("venues/"):
        return "venues"
    if path.startswith("bridge/daemon/"):
        return "daemon"
    return "bridge"


MAY_SEE = {
    "base": {"base"},
    "fix": {"base", "fix"},
    "venues": {"base", "venues"},
    "transport": {"base", "venues", "transport"},
    "bridge": {"base", "fix", "venues", "bridge"},
    "daemon": {"base", "fix", "venues", "bridge", "transport", "daemon"},
}
# The only files of the product that may know a library of the outside.
LIBRARY_OF = {
    "ev.h": r"bridge/daemon/|venues/transport/",
    "curl/curl.h": r"venues/transport/|bridge/daemon/main\.c",
    "expat.h": r"fix/fix_dict",
    "ini.h": r"bridge/daemon/config",
    "cjson/cJSON.h": r"venues/json\.c|venues/kraken|bridge/daemon/",
    "openssl/": r"venues/sign\.c|bridge/daemon/",
}


def code_only(text):
    """The text with comments and strings blanked, line structure kept."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check_includes(path, text, headers):
    layer = layer_of(path)
    for number, line in enumerate(text.split("\n"), 1):
        m = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if not m:
            continue
        name = m.group(1)
        owner = headers.get(os.path.basename(name))
        if '"' in line and owner and layer_of(owner) not in MAY_SEE[layer]:
            yield number, f"{layer} must not include {owner}"
        for library, allowed in LIBRARY_OF.items():
            if name.startswith(library) and not re.match(allowed, path):
                yield number, f"only {allowed} may include <{name}>"


def check_calls(path, code):
    names = BANNED + ([] if path.startswith(SHELL) or path == "fix/base/assert.c" else BANNED_IN_CORE)
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
    for number, line in enumerate(code.split("\n"), 1):
        for m in pattern.finditer(line):
            yield number, f"banned call: {m.group(1)}"
        if not path.startswith(SHELL) and re.search(r"\b(double|float)\b", line):
            yield number, "no floating point in the core"


def check_lengths(path, text, code):
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            yield number, f"line of {len(line)} characters"
        if "\t" in line:
            yield number, "tab"
        if line != line.rstrip():
            yield number, "trailing blank"
    if len(lines) > FILE_MAX:
        yield 1, f"file of {len(lines)} lines"
    start = None
    for number, line in enumerate(code.split("\n"), 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            body = code.split("\n")[start:number - 1]
            arms = sum(bool(re.match(r"\s*(case\b.*:.*|default:.*|return .*;|\{.*\},?)$", b)) for b in body)
            if number - start > FUNCTION_MAX and arms < len(body) * 0.6:
                yield start, f"function of {number - start} lines"
            start = None


def check_head(path, text):
    if not text.lstrip().startswith("/*"):
        yield 1, "no opening comment that says what the file is for"


def findings(files):
    headers = {os.path.basename(p): p for p in files if p.endswith(".h") and p.startswith(PRODUCT)}
    for path, text in sorted(files.items()):
        if not path.startswith(PRODUCT) or not path.endswith((".c", ".h")):
            continue
        code = code_only(text)
        for check in (check_includes(path, text, headers), check_calls(path, code),
                      check_lengths(path, text, code), check_head(path, text)):
            for number, what in check:
                yield f"{path}:{number}: {what}"


def check_top(names):
    for name in sorted(names):
        if name not in TOP_LEVEL and not name.startswith(".") and not name.startswith("build"):
            yield f"{name}: not allowed at the top level"


def read_tree(root):
    files = {}
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True,
                            text=True)
    names = listed.stdout.split("\n") if listed.returncode == 0 else [
        os.path.relpath(os.path.join(d, n), root) for d, _, ns in os.walk(root) for n in ns]
    for name in names:
        if name.endswith((".c", ".h")) and os.path.isfile(os.path.join(root, name)):
            with open(os.path.join(root, name), encoding="utf-8") as f:
                files[name] = f.read()
    return files


def self_test():
    head = "/* x */\n"
    bad = {
        "fix/a.c": head + '#include "venue.h"\n',
        "fix/b.c": head + "void f(void)\n{\n    strcpy(a, b);\n}\n",
        "fix/c.c": head + "long f(void)\n{\n    return time(0);\n}\n",
        "venues/d.c": head + "double x;\n",
        "bridge/e.c": head + "void f(void)\n{\n" + "    g();\n" * 80 + "}\n",
        "bridge/f.c": head + "x" * 200 + "\n",
        "bridge/g.c": "int x;\n",
        "bridge/h.c": head + '#include <ev.h>\n',
        "venues/venue.h": head,
    }
    found = {f.split(":")[0] for f in findings(bad)}
    missed = set(bad) - {"venues/venue.h"} - found
    good = {"fix/a.c": head + "/* time( */\nconst char *s = \"strcpy(\";\n"}
    if missed or list(findings(good)) or not list(check_top(["src"])):
        print("self test failed:", missed, list(findings(good)))
        return 1
    return 0


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if "--self-test" in sys.argv:
        return self_test()
    found = list(findings(read_tree(root))) + list(check_top(os.listdir(root)))
    for f in found:
        print(f)
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
