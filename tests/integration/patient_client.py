"""A FIX client that never loses anything of its own: it connects again whenever it can, asks for what it
missed, sends again what it is asked for, and complains of every sequence number that is not right.
Standard library only."""
import select
import socket
import time

from raw_fix import SOH, message, stamp

ADMIN = ("0", "1", "2", "3", "4", "5", "A")


class PatientClient:
    def __init__(self, port, sender="ACME"):
        self.port, self.sender = port, sender
        self.socket, self.data = None, b""
        self.out, self.expected = 1, 1
        self.sent = {}          # our number -> (type, fields, time)
        self.received = {}      # the bridge's number -> what an application message said
        self.messages = []      # application messages, each once, in order, as {tag: value}
        self.problems = []
        self.up, self.asked, self.closing = False, 0, False
        self.retry_at = self.alive_at = 0.0

    # ---- out

    def write(self, kind, seq, fields, at=None):
        if self.socket is not None:
            try:
                self.socket.sendall(message(kind, seq, fields, sender=self.sender, at=at))
            except OSError:
                self.drop()

    def send(self, kind, fields, session=False):
        """An application message: kept until asked for again. Goes out now if there is a connection."""
        seq, self.out = self.out, self.out + 1
        if not session:
            self.sent[seq] = (kind, fields, stamp())
        if self.up or session:
            self.write(kind, seq, fields)

    def resend(self, begin, end):
        end = self.out - 1 if end == 0 else min(end, self.out - 1)
        gap = None
        for seq in range(begin, end + 1):
            kept = self.sent.get(seq)
            if kept is None:
                gap = seq if gap is None else gap
                continue
            if gap is not None:
                self.fill(gap, seq)
                gap = None
            self.write(kept[0], seq, [("43", "Y"), ("122", kept[2]), *kept[1]])
        if gap is not None:
            self.fill(gap, end + 1)

    def fill(self, begin, new):
        self.write("4", begin, [("43", "Y"), ("122", stamp()), ("123", "Y"), ("36", new)])

    # ---- connection

    def drop(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.data, self.up, self.asked = None, b"", False, 0
        self.retry_at = time.monotonic() + 0.03

    def connect(self):
        if self.port == 0 or time.monotonic() < self.retry_at:
            return
        try:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            self.drop()
            return
        self.alive_at = time.monotonic()
        self.send("A", [("98", 0), ("108", 10)], session=True)

    def poll(self, seconds=0.05):
        """One look at the connection; what arrived is in `messages`."""
        if self.socket is None:
            self.connect()
        if self.socket is None:
            select.select([], [], [], min(seconds, 0.02))
            return
        if time.monotonic() - self.alive_at > 5:
            self.alive_at = time.monotonic()
            self.send("0", [], session=True)
        if self.socket is None or not select.select([self.socket], [], [], seconds)[0]:
            return
        try:
            piece = self.socket.recv(65536)
        except OSError:
            piece = b""
        if piece == b"":
            self.drop()
            return
        self.data += piece
        self.read()

    # ---- in

    def read(self):
        while True:
            at = self.data.find(b"\x0110=")
            if at < 0 or len(self.data) < at + 8:
                return
            raw, self.data = self.data[:at + 8], self.data[at + 8:]
            if sum(raw[:at + 1]) % 256 != int(raw[at + 4:at + 7]):
                self.problems.append(f"CheckSum wrong: {raw!r}")
            fields = {}
            for part in raw.decode("latin1").split(SOH)[:-1]:
                tag, _, value = part.partition("=")
                fields.setdefault(tag, value)
            self.take(fields)

    def take(self, f):
        seq, again = int(f["34"]), f.get("43") == "Y"
        if f["35"] == "A":
            self.up = True
        if f["35"] == "2":
            self.resend(int(f["7"]), int(f["16"]))
        if f["35"] == "5" and not self.closing and "too low" in f.get("58", ""):
            self.problems.append(f"the bridge has forgotten our numbers: {f['58']}")
        if f["35"] == "5" and not self.up:
            return          # a refused Logon: its number is not the session's
        self.compare(seq, f)
        if seq < self.expected:
            if not again:
                self.problems.append(f"number {seq} used again, {self.expected} expected: {f}")
            return
        if seq > self.expected:
            if self.asked < self.expected:
                self.asked = self.expected
                self.send("2", [("7", self.expected), ("16", 0)], session=True)
            return
        self.expected = seq + 1
        if f["35"] == "4":
            self.expected = max(self.expected, int(f["36"]))
        elif f["35"] == "1":
            self.send("0", [("112", f["112"])], session=True)
        elif f["35"] not in ADMIN:
            self.messages.append(f)
        elif f["35"] == "3":
            self.problems.append(f"Reject: {f}")

    def compare(self, seq, f):
        """One number, one message: whatever is sent again is what was sent before."""
        if f["35"] in ADMIN:
            return
        said = {k: v for k, v in f.items() if k not in ("9", "10", "43", "52", "122", "97")}
        before = self.received.setdefault(seq, said)
        if before != said:
            self.problems.append(f"number {seq} was {before}, is now {said}")

    # ---- for stories

    def find(self, **wanted):
        """The first message with these values, t11="x"; a tuple: one of them."""
        for f in self.messages:
            if all(f.get(k[1:]) == v or (isinstance(v, tuple) and f.get(k[1:]) in v) for k, v in wanted.items()):
                return f
        return None
