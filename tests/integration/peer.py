"""A bare FIX client on a socket: no session logic of its own, so that a test says every message. Standard
library only."""
import socket
import time


class Peer:
    def __init__(self, port, sender="ACME", target="FIXBRIDGE", receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.sender, self.target, self.seq, self.data = sender, target, 1, b""

    def close(self):
        self.socket.close()

    @staticmethod
    def stamp():
        t = time.time()
        return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(t)) + f".{int(t * 1000) % 1000:03d}"

    def frame(self, msg_type, *fields, seq=None):
        if seq is None:
            seq, self.seq = self.seq, self.seq + 1
        body = "".join(f + "\x01" for f in (f"35={msg_type}", f"49={self.sender}", f"56={self.target}",
                                             f"34={seq}", f"52={self.stamp()}", *fields)).encode("latin-1")
        head = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
        return head + b"10=%03d\x01" % (sum(head) % 256)

    def send(self, msg_type, *fields, seq=None):
        self.socket.sendall(self.frame(msg_type, *fields, seq=seq))

    def order(self, cl_ord_id, *header, symbol="NOPE", seq=None):
        self.send("D", *header, f"11={cl_ord_id}", f"55={symbol}", "54=1", "38=1", "40=2", "44=1", "59=1",
                  f"60={self.stamp()}", seq=seq)

    def receive(self):
        """The next message as a list of (tag, value); None at the end of the stream."""
        while True:
            at = self.data.find(b"\x0110=")
            if at >= 0 and len(self.data) >= at + 8:
                message, self.data = self.data[:at + 8], self.data[at + 8:]
                return [tuple(f.split("=", 1)) for f in message.decode("latin-1").split("\x01")[:-1]]
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if more == b"":
                return None
            self.data += more

    def expect(self, **wanted):
        """Skips to the first message with these values: expect(t35="8", t11="x"); fails at the end of the
        stream. A value of None means: not there."""
        seen = []
        while True:
            message = self.receive()
            if message is None:
                raise AssertionError(f"no {wanted} before the end of the stream; got {seen[-5:]}")
            got = dict(reversed(message))
            if all(got.get(k[1:]) == v for k, v in wanted.items()):
                return got
            seen.append(got)

    def expect_end(self):
        while self.receive() is not None:
            pass

    def logon(self, *fields, heartbeat=30, seq=None):
        self.send("A", "98=0", f"108={heartbeat}", *fields, seq=seq)
        return self.expect(t35="A")
