#!/usr/bin/env python3
"""Plays the conformance scripts against the real binary over TCP and over TLS, whole and byte by byte:

    play_real.py BUILD_DIRECTORY [SCRIPT...]

Every script that asks for nothing but a peer is played; what it expects is compared as conformance_runner does.
Left out are those that need a made-up clock (W, T), a failing store (F), an application of their own (B, P), held
output, or a setting the service does not have, and those that say "# not on the binary: WHY". Numbers:

    V MESSAGE   the service answers it with one message (the symbol does not exist); script's numbers move by one,
                unless the next line is the answer (A)
    A ...       a report is made to come: the runner enters an order, so both sides' numbers move by one. Before
                the first C this takes a connection of its own. Of reports only header fields are compared
    L, S ...    by the operator's command, whose Logout has a text of its own

At the end of a script the runner half-closes the connection and reads on: what no line asked for fails it."""
import collections
import concurrent.futures
import glob
import json
import os
import re
import socket
import ssl
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))
from security_stack import SecureStack  # noqa: E402
from stack import Failure, bin_dir_from_argv  # noqa: E402

BIN = bin_dir_from_argv()
SCRIPTS_MIN, CATEGORIES = 100, 8
KEYS = {"heartbeat_min_s": "heartbeat_min", "heartbeat_max_s": "heartbeat_max", "clock_skew_max_s": "clock_skew_max",
        "heartbeat_zero_allowed": "heartbeat_zero", "time_digits": "time_precision",
        "reset_on_logon": "reset_on_logon", "reset_on_logout": "reset_on_logout",
        "reset_on_disconnect": "reset_on_disconnect", "reset_by_client_allowed": "reset_by_client",
        "send_next_expected": "send_next_expected", "send_last_processed": "send_last_processed",
        "test_environment": "test_environment", "early_max": "early_max",
        "validate.user_defined_fields": "validate_user_defined_fields",
        "validate.allow_unknown_fields": "allow_unknown_fields",
        "validate.fields_out_of_order": "validate_fields_out_of_order",
        "validate.fields_have_values": "validate_fields_have_values",
        "validate.unordered_group_fields": "validate_unordered_group_fields",
        "validate.check_required": "check_required_tags"}
DIGITS = {"3": "milliseconds", "6": "microseconds", "9": "nanoseconds"}
HEADER = {"8", "9", "35", "34", "43", "49", "50", "52", "56", "57", "97", "115", "116", "122", "128", "129", "142",
          "143", "144", "145", "369"}
STATES = {"OFFLINE": "offline", "CONNECTED": "connected", "UP": "up", "LOGOUT_SENT": "logging out"}
PATIENCE = 20


class Unfit(Exception):
    """The script needs what a peer cannot give."""


def value_of(key, value):
    if key == "time_digits":
        return DIGITS[value]
    return {"Y": "yes", "N": "no"}.get(value, value + ("s" if key.endswith("_s") else ""))


class Script:
    def __init__(self, path):
        self.name = os.path.relpath(path, HERE)
        self.category = self.name.split(os.sep)[0]
        self.options, self.steps = {}, []
        with open(path) as f:
            lines = [line.rstrip("\n") for line in f]
        for number, line in enumerate(lines, 1):
            if line.startswith("# not on the binary:"):
                raise Unfit(line[21:])
            if line and not line.startswith("#"):
                word, _, text = line.partition(" ")
                self.add(number, word, text)

    def add(self, number, word, text):
        if word == "option":
            key, _, value = text.partition(" ")
            if key not in KEYS:
                raise Unfit(f"option {key}")
            self.options[KEYS[key]] = value_of(key, value)
        elif word == "W" and text == "1":
            pass        # for other timestamps only
        elif word in ("W", "T", "F", "B", "P", "drain") or text.startswith(("!35", "refused")):
            raise Unfit(f"step {word}")
        else:
            self.steps.append((number, word, text))


# ---- FIX text, as wire.h says ------------------------------------------------------------------

def expand(text):
    now = time.time()       # one for the whole message: 122 is not later than 52

    def one(m):
        if m[1] is not None:
            at = now + float(m[1] or 0)
            return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}"
        return m[2] * int(m[3])
    text = re.sub(r"<(?:NOW([+-]?\d*)|(.)\*(\d+))>", one, text)
    return text.replace("|", "\x01").replace("\\0", "\0").encode("latin-1")


def with_checksum(data):
    return data + b"10=%03d\x01" % (sum(data) % 256)


def explicit(line):
    fields = line.split("|")
    last = any(f.startswith("10=") for f in fields[1:])
    if fields[1].startswith("9="):
        data = expand(line + "|")
    else:
        body = expand("|".join(fields[1:-1] if last else fields[1:]) + "|")
        data = expand(fields[0] + "|") + b"9=%d\x01" % len(body) + body
        return data + expand(fields[-1] + "|") if last else with_checksum(data)
    return data if last else with_checksum(data)


def build(line, comp_id):
    if line.startswith("8="):
        return explicit(line)
    fields = line.split("|")
    named = {f.split("=", 1)[0].lstrip("-") if f.startswith("-") else f.split("=", 1)[0] for f in fields}
    head = [f"{t}={v}" for t, v in (("49", comp_id), ("56", "SERVER"), ("52", "<NOW>")) if t not in named]
    body = expand("|".join([fields[0]] + head + [f for f in fields[1:] if not f.startswith("-")]) + "|")
    return with_checksum(b"8=FIX.4.4\x019=%d\x01" % len(body) + body)


def matches(message, want):
    """As wire_matches: tag=value, tag~part, tag, !tag, !tag=value."""
    frame = "\x01" + message
    if want.startswith("!"):
        return f"\x01{want[1:]}\x01" not in frame if "=" in want else f"\x01{want[1:]}=" not in frame
    m = re.match(r"[^=~]*", want)
    tag, rest = m[0], want[m.end():]
    if rest.startswith("="):
        return f"\x01{want}\x01" in frame
    found = re.search(f"\x01{tag}=([^\x01]*)\x01", frame)
    return found is not None and rest[1:] in found[1]


# ---- one script, one way -----------------------------------------------------------------------

class Play:
    def __init__(self, stack, script, comp_id, port, tls, bytewise):
        self.stack, self.script, self.comp_id, self.port = stack, script, comp_id, port
        self.tls, self.bytewise = tls, bytewise
        self.socket, self.data, self.later = None, b"", b""
        self.moved_in = self.moved_out = 0      # numbers of the client's, of ours, beyond the script's
        self.next_in = 1                        # the client's next, for orders of the runner's own
        self.answers = 0
        self.logged_on, self.before, self.words = False, 0, None

    def run(self):
        for i, (number, word, text) in enumerate(self.script.steps):
            self.line, self.follower = number, self.script.steps[i + 1:i + 2]
            step = getattr(self, "step_" + word)
            step(text.replace("CLIENT", self.comp_id))
        self.end()

    def fail(self, what):
        way = ("tls" if self.tls else "tcp") + (", byte by byte" if self.bytewise else "")
        raise Failure(f"{self.script.name}:{self.line} ({way}): {what}".replace("\x01", "|"))

    # ---- the wire

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = self.tls.wrap_socket(s) if self.tls else s
        self.data = b""

    def write(self, data):
        piece = 1 if self.bytewise and len(data) < 4096 else 1021 if self.bytewise else len(data)
        try:
            for at in range(0, len(data), piece):
                self.socket.sendall(data[at:at + piece])
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass        # what it said before it closed is what counts

    def more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            data = b""
        except TimeoutError:
            self.fail("nothing comes")
        self.data += data
        return data != b""

    def receive(self):
        """The next message, as text; None at the end."""
        while True:
            m = re.match(rb"8=FIX\.4\.4\x019=(\d+)\x01", self.data)
            if m and len(self.data) >= m.end() + int(m[1]) + 7:
                end = m.end() + int(m[1])
                frame, self.data = self.data[:end + 7], self.data[end + 7:]
                if with_checksum(frame[:-7]) != frame:
                    self.fail(f"wrong CheckSum or BodyLength: {frame}")
                return frame.decode("latin-1")
            if not self.more():
                if self.data:
                    self.fail(f"ends within a message: {self.data}")
                return None

    def show(self):
        return self.stack.command(f"session {self.comp_id} show")

    def until(self, what, holds):
        end = time.monotonic() + PATIENCE
        while True:
            s = self.show()
            if holds(s):
                return
            if time.monotonic() > end:
                self.fail(f"{what}; it is {s}")
            time.sleep(0.005)

    def drop(self):
        self.socket.close()
        self.socket = None
        self.until("offline", lambda s: s["state"] == "offline")

    def end(self):
        """What nobody asked for must not be there."""
        if self.socket is None:
            return
        for _ in range(3):      # each answer is a turn of the loop later: what was sent has been dealt with
            self.show()
        try:
            socket.socket.shutdown(self.socket, socket.SHUT_WR)     # of TLS: without giving up reading
        except OSError:
            pass
        message = self.receive()
        if message is not None:
            self.fail(f"output that no line asked for: {message}")

    # ---- steps

    def step_C(self, _):
        if self.socket is not None:
            self.end()
            self.drop()
        self.connect()

    def shifted(self, text, incoming):
        """Numbers of the script as they are here. Sequence numbers of the client's: 34, 45, 36, 7 by who says it."""
        msg_type = re.search(r"(?:^|\|)35=([^|]*)", text)
        kind = msg_type[1] if msg_type else ""
        ours = {"34"} if not incoming else {"7", "16"} if kind == "2" else {"789"}
        theirs = {"34"} if incoming else {"45", "369", "789"} | ({"7", "16"} if kind == "2" else set())
        (theirs if incoming else ours).update({"36"} if kind == "4" else set())
        fields = []
        for f in text.split("|"):
            tag, _, value = f.partition("=")
            by = self.moved_out if tag in ours else self.moved_in if tag in theirs else 0
            if by and value.isdigit() and not (tag == "16" and value == "0") and not (tag == "7" and value == "0"):
                f = f"{tag}={int(value) + by}"
            fields.append(f)
        return "|".join(fields)

    def step_J(self, text):
        if (self.moved_in or self.moved_out) and ("141=Y" in text or "123=N" in text):
            raise Unfit("numbers begin anew after they moved")
        text = self.shifted(text, True)
        number = re.search(r"\|34=(\d+)(?:\||$)", text)
        if number and int(number[1]) == self.next_in:
            self.next_in += 1
        self.later += build(text, self.comp_id)

    def step_I(self, text):
        self.step_J(text)
        self.flush()

    def step_R(self, text):
        self.later += expand(text)
        self.flush()

    def flush(self):
        data, self.later = self.later, b""
        self.write(data)

    def step_E(self, text):
        message = self.receive()
        if message is None:
            self.fail(f"expected {text}, the connection has ended")
        report = "\x0135=8\x01" in message
        self.logged_on = self.logged_on or "\x0135=A\x01" in message
        for want in self.shifted(text, False).split("|"):
            if self.words is not None and want == f"58={self.words}":
                want = "58=Disconnected by the operator"
            tag = re.match(r"!?(\d+)", want)[1]
            if report and tag not in HEADER or (tag == "58" and "received" in want and self.moved_in):
                continue
            if tag in ("52", "122") and "~." in want and "~.000000000" not in want:
                continue        # the script's clock has no fractions
            if not matches(message, want.replace("~.000000000", "~.")):
                self.fail(f"expected {want}: {message}")

    def step_V(self, text):
        kind, _, rest = text.partition(" ")
        if kind == "DOWN" and self.socket is None:
            return
        if kind == "DOWN":
            message = self.receive()
            if message is not None:
                self.fail(f"expected the end of the connection: {message}")
            self.drop()
        elif kind in ("MESSAGE", "RESEND"):
            if self.follower and self.follower[0][1] == "A":
                self.answers += 1
                return
            message = self.receive()
            if message is None or re.search("\x0135=(8|9|r|j|3)\x01", message) is None:
                self.fail(f"expected the service's answer to {rest}: {message}")
            self.moved_out += 1

    def order(self):
        number = self.next_in
        self.next_in += 1
        self.write(build(f"35=D|34={number}|11=r{number}|55=X|54=1|60=<NOW>|38=1|40=1", self.comp_id))
        self.moved_in += 1

    def step_A(self, text):
        if not text.startswith("35=8") or re.search(r"\|(57|128|129|143|145)=", text):
            raise Unfit("a message that is no report, or with a route")
        if self.answers:
            self.answers -= 1       # the answer to what was sent just before; E reads it
        elif self.socket is not None:
            self.order()
        else:
            self.before += 1    # the last of a row makes them all
            if not self.follower or self.follower[0][1] != "A":
                self.offline_reports(self.before)
                self.before = 0

    def offline_reports(self, count):
        """Reports of an earlier connection."""
        number = self.next_in
        self.next_in += 1
        self.connect()
        self.write(build(f"35=A|34={number}|98=0|108=30", self.comp_id))
        if "\x0135=A\x01" not in (self.receive() or ""):
            self.fail("no Logon for the reports of before")
        self.moved_in += 1
        self.moved_out += 1
        for _ in range(count):
            self.order()
            if "\x0135=8\x01" not in (self.receive() or ""):
                self.fail("no report of before")
        self.drop()

    def step_L(self, text):
        if not self.logged_on:
            raise Unfit("the operator cannot end what has not logged on")
        if self.words is None:
            self.stack.command(f"disconnect {self.comp_id}")
            self.words = text

    def step_D(self, _):
        self.drop()
        if self.follower and self.follower[0][1] == "V":
            self.script_skip = True

    def step_S(self, text):
        if text == "reset":
            self.stack.command(f"reset {self.comp_id}")
        else:
            numbers = text.split()
            self.stack.command(f"set-next {self.comp_id} in={numbers[0]} out={numbers[1]}")
            self.next_in = int(numbers[0])

    def step_X(self, text):
        for want in text.split():
            key, _, value = want.partition("=")
            if key == "state":
                self.until(want, lambda s: s["state"] == STATES[value])
            elif key in ("in", "out"):
                number = int(value) + (self.moved_in if key == "in" else self.moved_out)
                self.until(want, lambda s: s["next_" + key] == number)
                if key == "in":
                    self.next_in = number


# ---- all of them -------------------------------------------------------------------------------

class RealStack(SecureStack):
    lock = threading.Lock()

    def command(self, line):
        with self.lock:
            c = socket.socket(socket.AF_UNIX)
            c.settimeout(PATIENCE)
            with c:
                c.connect(self.path("journal/control.sock"))
                c.sendall(line.encode() + b"\n")
                text = b""
                while not text.endswith(b"\n"):
                    piece = c.recv(65536)
                    if not piece:
                        raise Failure(f"{line}: the service hung up")
                    text += piece
        answer = json.loads(text)
        if not answer["ok"]:
            raise Failure(f"{line}: {answer}")
        return answer["result"]


def main():
    paths = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "*", "*.def")))
    scripts, unfit = [], []
    for path in paths:
        try:
            scripts.append(Script(path))
        except Unfit as why:
            unfit.append((os.path.relpath(path, HERE), str(why)))
    plays = []
    with RealStack(BIN) as s:
        sessions = {}
        for script in scripts:
            for tls in (False, True):
                for bytewise in (False, True):
                    comp_id = f"C{len(plays):05d}"
                    sessions[comp_id] = {"sender_comp_id": "SERVER", "cancel_grace": "0s", **script.options}
                    plays.append((script, comp_id, tls, bytewise))
        s.prepare(sessions, log_level="info", refusal_delay="0s", lockout_address="0", lockout_session="0",
                  address_unauthenticated_max="500")
        context = s.context()

        def play(p):
            script, comp_id, tls, bytewise = p
            one = Play(s, script, comp_id, s.tls_port if tls else s.port, context if tls else None, bytewise)
            try:
                one.run()
            except Unfit as why:
                return ("unfit", script.name, str(why))
            except (Failure, OSError, AssertionError) as e:
                return ("failed", script.name, str(e))
            finally:
                if one.socket is not None:
                    one.socket.close()
            return ("passed", script.name, "")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(play, plays))
        s.bridge_alive()
        s.stop_bridge()
    unfit += sorted({(n, w) for kind, n, w in results if kind == "unfit"})
    failures = [w for kind, _, w in results if kind == "failed"]
    passed = {n for kind, n, _ in results if kind == "passed"} - {n for kind, n, _ in results if kind != "passed"}
    for name, why in unfit:
        print(f"not played: {name}: {why}")
    for text in failures:
        print(text)
    by = collections.Counter(n.split(os.sep)[0] for n in passed)
    print(f"{len(passed)} scripts passed, each over TCP and TLS, whole and byte by byte: "
          + ", ".join(f"{k} {v}" for k, v in sorted(by.items())) + f"; {len(failures)} failures")
    few = not sys.argv[1:] and (len(passed) < SCRIPTS_MIN or len(by) < CATEGORIES)
    if few:
        print(f"fewer than {SCRIPTS_MIN} scripts, or a directory without any")
    return 1 if failures or few else 0


if __name__ == "__main__":
    sys.exit(main())
