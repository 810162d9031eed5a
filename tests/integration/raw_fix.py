"""A FIX peer of a few lines for tests that need to send exactly what they want. Standard library only."""
import base64
import datetime
import hashlib
import hmac
import socket

SOH = "\x01"


def stamp(seconds=0.0):
    """SendingTime (52) so many seconds from now."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y%m%d-%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def message(kind, seq, fields, sender="ACME", target="FIXBRIDGE", at=None):
    body = [("35", kind), ("49", sender), ("56", target), ("34", seq), ("52", at or stamp()), *fields]
    text = "".join(f"{tag}={value}{SOH}" for tag, value in body)
    text = f"8=FIX.4.4{SOH}9={len(text)}{SOH}{text}"
    return (text + f"10={sum(text.encode()) % 256:03d}{SOH}").encode()


def logon(seq=1, extra=(), **kw):
    return message("A", seq, [("98", 0), ("108", 30), *extra], **kw)


def signed_logon(secret, seq=1, user="desk", at=None, sender="ACME", target="FIXBRIDGE", extra=()):
    at = at or stamp()
    text = SOH.join([at, "A", str(seq), sender, target, user])
    proof = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
    return logon(seq, [("553", user), ("95", len(proof)), ("96", proof), *extra], at=at, sender=sender,
                 target=target)


class Peer:
    """with Peer(port) as p: p.send(...); p.receive() -> [(tag, value), ...], None at the end."""

    def __init__(self, port, seconds=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *messages):
        self.socket.sendall(b"".join(messages))

    def receive(self):
        while True:
            at = self.data.find(b"\x0110=")
            end = -1 if at < 0 else self.data.find(b"\x01", at + 4)
            if end >= 0:
                raw, self.data = self.data[:end], self.data[end + 1:]
                return [tuple(f.split("=", 1)) for f in raw.decode().split(SOH)]
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self.data += piece
