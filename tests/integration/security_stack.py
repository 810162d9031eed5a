"""What the security tests share: certificates made on the fly, a bridge with a TLS listener, raw TLS and
plain sockets that speak just enough FIX."""
import os
import socket
import ssl
import subprocess
import time

from stack import DICTIONARY, SECRET, Failure, Stack

SOH = "\x01"


def openssl(*argv):
    subprocess.run(["openssl", *argv], check=True, capture_output=True, timeout=60)


class Certificates:
    """A CA, the server's pair, clients' pairs, and a CA nobody trusts."""

    def __init__(self, directory):
        self.dir = directory
        self.make_ca("ca", "fixbridge test CA")
        self.make_ca("strangers", "another CA")
        self.make("server", "ca", "/CN=localhost", "DNS:localhost,IP:127.0.0.1")
        self.make("acme", "ca", "/C=GB/O=Acme Ltd/CN=ACME", "DNS:acme.example,URI:spiffe://acme/fix")
        self.make("beta", "ca", "/C=GB/O=Beta Ltd/CN=BETA", "DNS:beta.example")
        self.make("stranger", "strangers", "/C=GB/O=Acme Ltd/CN=ACME", "DNS:acme.example")

    def path(self, name):
        return os.path.join(self.dir, name)

    def make_ca(self, name, common_name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                "2", "-subj", f"/CN={common_name}", "-keyout", self.path(f"{name}.key"), "-out",
                self.path(f"{name}.pem"))

    def make(self, name, ca, subject, san, kind=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
        with open(self.path("ext"), "w") as f:
            f.write(f"subjectAltName={san}\n")
        openssl("req", "-newkey", *kind, "-nodes", "-subj", subject, "-keyout", self.path(f"{name}.key"), "-out",
                self.path("csr"))
        openssl("x509", "-req", "-in", self.path("csr"), "-CA", self.path(f"{ca}.pem"), "-CAkey",
                self.path(f"{ca}.key"), "-CAcreateserial", "-days", "2", "-extfile", self.path("ext"), "-out",
                self.path(f"{name}.pem"))
        os.chmod(self.path(f"{name}.key"), 0o600)


class SecureStack(Stack):
    """Sessions by name, each with its own keys; TLS listener beside the plain one."""

    tls_port = 0
    account = {"bulk_cancel": "yes", "poll_fills": "50ms"}

    def prepare(self, sessions=None, tls=True, **fixbridge):
        self.certificates = Certificates(self.dir)
        self.start_sim()
        self.fixbridge = dict(fixbridge)
        if tls:
            c = self.certificates
            for key, value in (("tls_listen", "127.0.0.1:0"), ("tls_certificate", c.path("server.pem")),
                               ("tls_key", c.path("server.key")), ("tls_ca", c.path("ca.pem"))):
                self.fixbridge.setdefault(key, value)
        self.sessions = sessions or {"ACME": {}}
        self.write_config()
        self.start_bridge()
        return self

    def write_config(self, **_):
        lines = ["[fixbridge]", f"journal_dir = {self.path('journal')}", f"dictionary = {DICTIONARY}"]
        lines += [f"{k} = {v}" for k, v in {"listen": "127.0.0.1:0", "admin_listen": "off", **self.fixbridge}.items()]
        lines += ["[account main]", "venue = kraken-futures", f"url = {self.sim_url}", "key = sim-key",
                  f"secret = {SECRET}", *(f"{k} = {v}" for k, v in self.account.items())]
        for name, keys in self.sessions.items():
            lines += [f"[session {name}]"]
            lines += [f"{k} = {v}" for k, v in {"sender_comp_id": "FIXBRIDGE", "target_comp_id": name,
                                                "accounts": "main", "auth": "none", **keys}.items()]
        with open(self.path("fixbridge.conf"), "w") as f:
            f.write("\n".join(lines) + "\n")
        os.chmod(self.path("fixbridge.conf"), 0o600)
        self.config_args = {}

    def start_bridge(self, wait=30, **kw):
        self.port = 0
        super().start_bridge(wait, **kw)

    # ---- clients

    def tls_options(self, name=None, ca="ca"):
        c = self.certificates
        options = ["--tls", "--tls-ca", c.path(f"{ca}.pem")]
        return options + (["--tls-cert", c.path(f"{name}.pem"), "--tls-key", c.path(f"{name}.key")] if name else [])

    def tls_script(self, text, *options, name=None, sender="ACME"):
        plain, self.port = self.port, self.tls_port
        try:
            return self.script(text, *self.tls_options(name), *options, sender=sender)
        finally:
            self.port = plain

    def connect(self, port=None, source=None):
        s = socket.create_connection(("127.0.0.1", port or self.port), timeout=20,
                                     source_address=(source, 0) if source else None)
        return s

    def context(self, name=None):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.load_verify_locations(self.certificates.path("ca.pem"))
        c.check_hostname = False
        if name:
            c.load_cert_chain(self.certificates.path(f"{name}.pem"), self.certificates.path(f"{name}.key"))
        return c

    def wait_log(self, *needles, seconds=20):
        """Waits until one line of the bridge's log holds all needles."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(self.path("bridge.log")) as f:
                for line in f:
                    if all(n in line for n in needles):
                        return line
            self.bridge_alive()
            time.sleep(0.01)
        raise Failure(f"no line with {needles} in the log")

    def bridge_alive(self):
        if self.bridge.poll() is not None:
            raise Failure(f"the bridge ended with {self.bridge.returncode}")


def fix(msg_type, seq, *fields, sender="ACME"):
    now = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
    body = SOH.join([f"35={msg_type}", f"49={sender}", "56=FIXBRIDGE", f"34={seq}", f"52={now}.000",
                     *fields]) + SOH
    text = f"8=FIX.4.4{SOH}9={len(body)}{SOH}{body}"
    return (text + f"10={sum(text.encode()) % 256:03d}{SOH}").encode()


def logon(seq=1, sender="ACME"):
    return fix("A", seq, "98=0", "108=30", sender=sender)


def answer(s):
    """One message as a dictionary of its last values; None: the connection ended."""
    text = b""
    while b"\x0110=" not in text or not text.endswith(b"\x01"):
        try:
            piece = s.recv(1)     # not a byte of the next message
        except (ConnectionResetError, ssl.SSLError):
            return None
        if not piece:
            return None
        text += piece
    return dict(f.split("=", 1) for f in text.decode().split(SOH) if f)


def is_ended(s):
    """Whether the other end closes, with or without an alert before."""
    try:
        while s.recv(4096):
            pass
    except (ConnectionResetError, ssl.SSLError):
        pass
    return True
