"""A FIX 4.4 acceptor just good enough to test fixclient without the bridge.

One thread a connection; a session's numbers and sent messages live as long as the process. An order's
Text (58) asks for misbehaviour: see Connection.on_new and on_message.
"""
import socket
import threading
import time

SOH = "\x01"


def now():
    t = time.time()
    return time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(t)) + ".%03d" % (t * 1000 % 1000)


def parse(raw):
    return [tuple(f.split("=", 1)) for f in raw.rstrip(SOH).split(SOH)]


class Session:
    """What outlives a connection."""

    def __init__(self, name):
        self.name = name
        self.next_in = 1
        self.next_out = 1
        self.sent = {}          # seq -> (type, body, time)
        self.exec_id = 0
        self.orders = {}        # ClOrdID -> dict
        self.taken = []         # application messages processed, in order: (seq, type, ClOrdID)
        self.resent = 0         # received with 43=Y
        self.lock = threading.RLock()
        self.connection = None


class Connection:
    def __init__(self, acceptor, sock):
        self.acceptor = acceptor
        self.sock = sock
        self.session = None
        self.asked = False

    # ---- bytes ----
    def frame(self, msg_type, seq, body, dup_time=None, bad_sum=False):
        head = "35=%s\x0149=%s\x0156=%s\x0134=%d\x01" % (msg_type, self.acceptor.name, self.session.name, seq)
        if dup_time is not None:
            head += "43=Y\x01"
        head += "52=%s\x01" % now()
        if dup_time:
            head += "122=%s\x01" % dup_time
        text = head + body
        text = "8=FIX.4.4\x019=%d\x01%s" % (len(text), text)
        total = sum(text.encode()) % 256
        return text + "10=%03d\x01" % ((total + bad_sum) % 256)

    def send(self, msg_type, fields, admin=False, lose=False, bad_sum=False):
        s = self.session
        body = "".join("%s=%s\x01" % f for f in fields)
        seq = s.next_out
        s.next_out += 1
        if not admin:
            s.sent[seq] = (msg_type, body, now())
        if not lose:
            try:
                self.sock.sendall(self.frame(msg_type, seq, body, bad_sum=bad_sum).encode())
            except OSError:
                pass        # numbered and stored: the client will ask for it

    def messages(self):
        data = ""
        while True:
            end = data.find(SOH + "10=")
            end = data.find(SOH, end + 1) if end >= 0 else -1
            if end >= 0:
                yield parse(data[:end + 1])
                data = data[end + 1:]
                continue
            piece = self.sock.recv(65536)
            if not piece:
                return
            data += piece.decode("latin-1")

    # ---- session ----
    def run(self):
        try:
            for fields in self.messages():
                if not self.on_message(dict(fields)):
                    break
        except OSError:
            pass
        finally:
            self.sock.close()

    def on_message(self, m):
        if self.session is None:
            self.session = self.acceptor.session(m["49"])
        s = self.session
        with s.lock:
            seq, kind = int(m["34"]), m["35"]
            if kind == "A":
                return self.on_logon(m, seq)
            if kind == "4" and m.get("123") != "Y":
                s.next_in = int(m["36"])
                return True
            if kind == "2" and seq >= s.next_in:
                self.resend(int(m["7"]), int(m["16"]))
            if seq > s.next_in:
                if not self.asked:
                    self.asked = True
                    self.send("2", [(7, s.next_in), (16, 0)], admin=True)
                return True
            if seq < s.next_in:
                return True
            if m.get("58") == "drop" and m.get("43") != "Y":
                return False        # before it is taken: the client must send it again
            s.next_in += 1
            self.asked = False
            s.resent += m.get("43") == "Y"
            return self.dispatch(m, kind)

    def on_logon(self, m, seq):
        s = self.session
        s.connection = self
        if m.get("554") != self.acceptor.password:
            self.send("5", [(58, "refused")], admin=True)
            return False
        reset = m.get("141") == "Y"
        if reset:
            s.next_in = s.next_out = 1
            s.sent.clear()
        if seq < s.next_in:
            self.send("5", [(58, "MsgSeqNum too low, expecting %d but received %d" % (s.next_in, seq))], admin=True)
            return False
        self.send("A", [(98, 0), (108, m["108"])] + ([(141, "Y")] if reset else []), admin=True)
        if seq > s.next_in:
            self.asked = True
            self.send("2", [(7, s.next_in), (16, 0)], admin=True)
        else:
            s.next_in += 1
        return True

    def resend(self, start, end):
        s = self.session
        last = s.next_out - 1
        end = last if end == 0 or end > last else end
        gap = None
        for seq in range(start, end + 2):
            if seq <= end and seq not in s.sent:
                gap = gap or seq
                continue
            if gap:
                text = self.frame("4", gap, "123=Y\x0136=%d\x01" % seq, dup_time=now())
                self.sock.sendall(text.encode())
                gap = None
            if seq <= end:
                kind, body, when = s.sent[seq]
                when = "" if "58=no122" in body else when
                self.sock.sendall(self.frame(kind, seq, body, dup_time=when).encode())

    def dispatch(self, m, kind):
        s = self.session
        if kind == "1":
            self.send("0", [(112, m["112"])], admin=True)
        elif kind == "4":
            s.next_in = int(m["36"])
        elif kind == "5":
            self.send("5", [], admin=True)
            return False
        elif kind in "DFGHq":
            s.taken.append((int(m["34"]), kind, m.get("11")))
            return self.application(m, kind)
        elif kind not in "0235A":
            self.send("j", [(45, m["34"]), (372, kind), (380, 3), (58, "not supported")])
        return True

    # ---- orders ----
    def report(self, order, cl_id, exec_type, status, extra=(), **how):
        s = self.session
        s.exec_id += 1
        live = status in "016AE"
        self.send("8", [(37, order["id"]), (11, cl_id), (17, "%s-E%d" % (s.name, s.exec_id)), (150, exec_type),
                        (39, status), (55, order["symbol"]), (54, order["side"]), (38, order["qty"]),
                        (40, order["type"]), (14, order["cum"]),
                        (151, order["qty"] - order["cum"] if live else 0), (6, 0), (60, now())]
                  + list(extra), **how)

    def application(self, m, kind):
        s = self.session
        if kind == "D":
            return self.on_new(m)
        if kind == "q":
            live = [(cl_id, o) for cl_id, o in s.orders.items() if o["status"] == "0"]
            for cl_id, o in live:
                if o["status"] == "0":      # an order replaced is listed under each of its ids
                    o["status"] = "4"
                    self.report(o, cl_id, "4", "4")
            self.send("r", [(37, "M1"), (11, m["11"]), (530, m["530"]), (531, m["530"]),
                            (533, len(live)), (60, now())])
            return True
        order = s.orders.get(m.get("41", m["11"]))
        if kind == "H" and order:
            self.report(order, m["11"], "I", order["status"])
        elif order is None or order["status"] in "248":
            self.send("9", [(37, order["id"] if order else "NONE"), (11, m["11"]), (41, m.get("41", "NONE")),
                            (39, order["status"] if order else "8"), (434, 1 if kind == "F" else 2),
                            (102, 0 if order else 1), (60, now()), (58, "no live order")])
        elif kind == "F":
            self.report(order, m["11"], "6", "6", [(41, m["41"])])
            order["status"] = "4"
            self.report(order, m["11"], "4", "4", [(41, m["41"])])
        else:
            order["qty"] = int(m["38"])
            s.orders[m["11"]] = order
            self.report(order, m["11"], "5", order["status"], [(41, m["41"])])
        return True

    def on_new(self, m):
        s, fault, cl_id = self.session, m.get("58", ""), m["11"]
        order = {"id": "%s-O%d" % (s.name, len(s.taken)), "symbol": m["55"], "side": m["54"], "type": m["40"],
                 "qty": int(m["38"]), "cum": 0, "status": "0"}
        s.orders[cl_id] = order
        if m["55"] in ("BAD", "NO_SUCH_SYMBOL"):
            order["status"] = "8"
            self.report(order, cl_id, "8", "8", [(103, 1), (58, "unknown symbol")])
            return True
        lose = fault in ("lose", "no122")       # numbered, not sent, and the connection goes
        self.report(order, cl_id, "A", "A", lose=lose, bad_sum=fault == "badsum",
                    extra=[(58, "no122")] if fault == "no122" else ())
        if fault == "mismatch":
            order["qty"] += 1
            self.send("8", [(37, order["id"]), (11, cl_id), (17, "Emm"), (150, 0), (39, 0), (55, "X"), (54, 1),
                            (38, order["qty"]), (40, 2), (14, 0), (151, 1), (6, 0), (60, now())])
            return True
        if fault == "dupexec":
            s.exec_id -= 1
        if fault == "missing":
            self.send("8", [(37, order["id"]), (11, cl_id), (17, "Ems"), (150, 0), (39, 0)])
            return True
        if fault == "jump":
            s.next_out += 5
        self.report(order, cl_id, "0", "0", lose=lose)
        if m["40"] == "1":
            order["cum"], order["status"] = order["qty"], "2"
            self.report(order, cl_id, "F", "2", [(31, "100.5"), (32, order["qty"]), (527, "T" + cl_id)])
        return not lose


class Acceptor:
    """Listens on a free loopback port; `port` says which."""

    def __init__(self, name="FIXBRIDGE", password="secret"):
        self.name, self.password = name, password
        self.sessions = {}
        self.lock = threading.Lock()
        self.connections = 0
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def session(self, name):
        with self.lock:
            return self.sessions.setdefault(name, Session(name))

    def run(self):
        while True:
            sock, _ = self.sock.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=Connection(self, sock).run, daemon=True).start()


if __name__ == "__main__":
    acceptor = Acceptor()
    print("listening on 127.0.0.1:%d, TargetCompID %s, password %s"
          % (acceptor.port, acceptor.name, acceptor.password), flush=True)
    threading.Event().wait()
