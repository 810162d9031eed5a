#!/usr/bin/env python3
"""What surrounds a session, on the real binary over TCP: its hours, the rate of its messages, slow consumers,
News before a planned stop, the message log, routing fields."""
import ctypes
import glob
import os
import signal
import socket
import time
import unittest

from peer import Peer
from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()


def clock(seconds_from_now, at):
    return time.strftime("%H:%M:%S", time.gmtime(at + seconds_from_now))


class SessionOps(unittest.TestCase):
    def stack(self, **kw):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        s.write_config(**kw)
        s.start_bridge()
        return s

    def peer(self, s, **kw):
        p = Peer(s.port, **kw)
        self.addCleanup(p.close)
        return p

    def log(self, s):
        with open(s.path("bridge.log")) as f:
            return f.read()

    def wait_for_log(self, s, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.log(s):
            self.assertLess(time.monotonic(), end, f"no {text!r} in the log")
            time.sleep(0.02)

    # ---- hours

    def test_hours_end_the_session_and_reset_its_numbers(self):
        at = int(time.time())
        s = self.stack(session={"start_time": clock(6, at), "end_time": clock(4, at)})
        p = self.peer(s)
        p.logon()
        p.order("h1")
        p.expect(t35="8", t11="h1")
        logout = p.expect(t35="5")
        self.assertEqual(logout["58"], "The session's hours have ended")
        p.send("5")
        p.expect_end()
        refused = self.peer(s)
        refused.send("A", "98=0", "108=30")
        answer = refused.receive()
        self.assertIn(("35", "5"), answer)
        self.assertIn("outside the session's hours", self.log(s))
        # It opens again, and both sides begin at 1.
        end = time.monotonic() + 20
        while True:
            again = self.peer(s)
            again.send("A", "98=0", "108=30")
            answer = dict(again.receive())
            if answer["35"] == "A":
                break
            self.assertLess(time.monotonic(), end, answer)
        self.assertEqual(answer["34"], "1")
        again.order("h2")
        self.assertEqual(again.expect(t35="8", t11="h2")["34"], "2")

    def test_hours_change_by_reload(self):
        s = self.stack()
        hour = int(time.time()) // 3600 % 24

        def reload(**session):
            s.write_config(session=session)
            seen = self.log(s).count(" reload ")
            s.bridge.send_signal(signal.SIGHUP)
            end = time.monotonic() + 20
            while self.log(s).count(" reload ") == seen:
                self.assertLess(time.monotonic(), end, "no reload")
                time.sleep(0.02)
        p = self.peer(s)
        p.logon()
        p.order("c1")
        p.expect(t35="8", t11="c1")
        # Open now: nobody notices, the numbers go on.
        reload(start_time=f"{hour:02d}:00:00", end_time=f"{(hour + 2) % 24:02d}:00:00")
        p.order("c2")
        self.assertEqual(p.expect(t35="8", t11="c2")["34"], "3")
        # Closed now: the hours have ended.
        reload(start_time=f"{(hour + 3) % 24:02d}:00:00", end_time=f"{(hour + 4) % 24:02d}:00:00", time_zone="UTC")
        self.assertEqual(p.expect(t35="5")["58"], "The session's hours have ended")
        p.send("5")
        p.expect_end()
        self.wait_for_log(s, "session.reset")
        refused = self.peer(s)
        refused.send("A", "98=0", "108=30")
        self.assertIn(("35", "5"), refused.receive())
        # No hours any more: open, from 1.
        reload()
        again = self.peer(s)
        self.assertEqual(again.logon()["34"], "1")
        self.assertNotIn("time: needs a restart", self.log(s))
        self.assertNotIn("time_zone: needs a restart", self.log(s))

    def test_boundary_while_the_bridge_was_down(self):
        at = int(time.time())
        s = self.stack(session={"start_time": clock(4, at), "end_time": clock(4, at)})
        p = self.peer(s)
        p.logon()
        p.order("d1")
        p.expect(t35="8", t11="d1")
        s.kill_bridge()
        while time.time() < at + 4.2:
            time.sleep(0.05)
        for _ in range(2):      # reset once, not at every start
            s.start_bridge()
            p = self.peer(s)
            answer = p.logon(seq=1 if _ == 0 else 3)
            self.assertEqual(answer["34"], "1" if _ == 0 else "3", "numbers")
            p.order(f"d{_ + 2}", seq=2 if _ == 0 else 4)
            p.expect(t35="8", t11=f"d{_ + 2}")
            s.kill_bridge()

    def test_no_hours_no_reset(self):
        s = self.stack()
        p = self.peer(s)
        p.logon()
        s.kill_bridge()
        s.start_bridge()
        again = self.peer(s)
        self.assertEqual(again.logon(seq=2)["34"], "2")
        self.assertFalse(os.path.exists(s.path("journal/sessions.hours")))

    def test_second_connection_of_a_live_session_is_dropped(self):
        s = self.stack()
        p = self.peer(s)
        p.logon()
        second = self.peer(s)
        second.send("A", "98=0", "108=30", seq=2)
        self.assertIsNone(second.receive())
        p.order("x1")
        self.assertEqual(p.expect(t35="8", t11="x1")["34"], "2")

    # ---- segments

    def unread(self, s, p):
        """Bytes that the kernel holds for the bridge's end of this connection."""
        ours, theirs = p.socket.getsockname()[1], s.port
        with open("/proc/net/tcp") as f:
            for line in f.read().splitlines()[1:]:
                words = line.split()
                if int(words[1].split(":")[1], 16) == theirs and int(words[2].split(":")[1], 16) == ours:
                    return int(words[4].split(":")[1], 16)
        self.fail("the bridge has no such connection")

    def test_a_message_in_two_segments_split_at_every_byte(self):
        s = self.stack()
        p = self.peer(s)
        p.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        p.logon()
        for at in range(1, len(p.frame("1", "112=0000", seq=2))):
            frame = p.frame("1", f"112={at:04d}")
            p.socket.sendall(frame[:at])
            end = time.monotonic() + 20
            while self.unread(s, p) > 0:        # until the first part was read by itself
                self.assertLess(time.monotonic(), end)
            p.socket.sendall(frame[at:])
            self.assertEqual(p.expect(t35="0")["112"], f"{at:04d}")

    # ---- half-open connections

    def bridge_sockets(self, s):
        """Copies of the bridge's connected TCP sockets, by the peer's port."""
        pidfd, found = os.pidfd_open(s.bridge.pid), {}
        pidfd_getfd = 438       # the system call's number, on every architecture
        for name in os.listdir(f"/proc/{s.bridge.pid}/fd"):
            if not os.readlink(f"/proc/{s.bridge.pid}/fd/{name}").startswith("socket:"):
                continue
            fd = ctypes.CDLL(None, use_errno=True).syscall(pidfd_getfd, pidfd, int(name), 0)
            self.assertGreaterEqual(fd, 0, os.strerror(ctypes.get_errno()))
            copy = socket.socket(fileno=fd)
            self.addCleanup(copy.close)
            try:
                found[copy.getpeername()[1]] = copy
            except (OSError, IndexError):
                pass        # one that listens, or a Unix socket
        os.close(pidfd)
        return found

    def test_connections_have_keepalive_and_a_user_timeout(self):
        s = self.stack(fixbridge={"send_timeout": "11s"})
        p = self.peer(s)
        p.logon()
        mine = self.bridge_sockets(s)[p.socket.getsockname()[1]]
        self.assertEqual(mine.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
        self.assertEqual(mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 30)
        self.assertEqual(mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT), 11000)
        self.assertEqual(mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1)

    # ---- planned stop

    def test_news_before_the_stop(self):
        s = self.stack()
        p = self.peer(s)
        p.logon()
        s.bridge.send_signal(signal.SIGTERM)
        news = p.receive()
        got = dict(news)
        self.assertEqual((got["35"], got["148"], got["33"]), ("B", "Planned stop", "1"))
        self.assertTrue(got["58"])
        self.assertLess([t for t, _ in news].index("33"), [t for t, _ in news].index("58"))
        p.expect(t35="5")
        p.send("5")
        p.expect_end()
        self.assertEqual(s.bridge.wait(30), 0)
        # It is stale when it is asked for again: a gap.
        s.start_bridge()
        again = self.peer(s)
        again.logon(seq=3)
        again.send("2", "7=2", "16=2", seq=4)
        self.assertEqual(again.expect(t35="4")["123"], "Y")

    # ---- rate

    def test_messages_over_the_rate_are_refused_and_end_the_session(self):
        s = self.stack(session={"messages_per_second": 5, "messages_burst": 10, "rate_strikes": 8,
                                "rate_block": "2s"})
        p = self.peer(s)
        p.logon()
        p.socket.sendall(b"".join(p.frame("D", f"11=t{i}", "55=NOPE", "54=1", "38=1", "40=2", "44=1", "59=1",
                                          f"60={p.stamp()}") for i in range(14)) +
                         p.frame("H", "11=t0", "55=NOPE", "54=1"))
        over = p.expect(t35="8", t103="3")
        self.assertEqual((over["150"], over["39"], over["37"]), ("8", "8", "NONE"))
        self.assertIn(over["11"], ("t9", "t10"))
        j = p.expect(t35="j")
        self.assertEqual((j["380"], j["372"]), ("0", "H"))
        for i in range(6):
            p.send("0")
        logout = p.expect(t35="5")
        self.assertEqual(logout["58"], "More than 5 messages per second")
        p.send("5")
        p.expect_end()
        blocked = self.peer(s)
        blocked.seq = p.seq
        blocked.send("A", "98=0", "108=30")
        self.assertEqual(dict(blocked.receive())["35"], "5")
        self.assertIn("not let in again yet", self.log(s))
        end = time.monotonic() + 20
        while True:
            again = self.peer(s)
            again.seq = p.seq
            again.send("A", "98=0", "108=30")
            if dict(again.receive())["35"] == "A":
                break
            self.assertLess(time.monotonic(), end)

    def test_within_the_rate_nothing_happens(self):
        s = self.stack(session={"messages_per_second": 100, "messages_burst": 50})
        p = self.peer(s)
        p.logon()
        for i in range(49):
            p.order(f"w{i}")
        self.assertEqual(p.expect(t35="8", t11="w48")["103"], "1")

    # ---- slow consumer

    def test_slow_consumer_is_warned_of_logged_out_and_loses_nothing(self):
        s = self.stack(session={"output_max": 1024})
        p = self.peer(s, receive_buffer=4096)
        p.logon()
        for i in range(20):
            p.order(f"slow{i}")
        # The echo of a long TestReqID fills the sockets, then our buffer.
        p.socket.settimeout(0.2)
        filler = "x" * 30000
        sent = 0
        try:
            while "session.down" not in self.log(s) and sent < 5000:
                p.send("1", f"112={filler}")
                sent += 1
        except OSError:
            pass
        self.wait_for_log(s, "session.slow")
        self.wait_for_log(s, "Slow consumer: too much output is waiting")
        p.socket.settimeout(20)
        self.assertEqual(p.expect(t35="5")["58"], "Slow consumer: too much output is waiting")
        # Nobody else noticed, and what was not read is there.
        again = self.peer(s)
        again.send("A", "98=0", "108=30", seq=100000)       # too high: a gap, which we do not fill
        again.expect(t35="A")
        again.send("2", "7=1", "16=0", seq=100001)
        ids = set()
        while len(ids) < 20:
            ids.add(again.expect(t35="8", t43="Y")["11"])
        self.assertEqual(ids, {f"slow{i}" for i in range(20)})

    # ---- message log

    def test_message_log_has_all_messages_and_no_secret(self):
        s = self.stack(fixbridge={"log_messages": "messages.log"})
        p = self.peer(s)
        p.logon("95=11", "96=top\x01=secret", "553=user", "554=hunter2")
        p.order("l1")
        p.expect(t35="8", t11="l1")
        p.send("5")
        p.expect(t35="5")
        p.expect_end()
        s.stop_bridge()
        with open(s.path("messages.log")) as f:
            lines = f.read().splitlines()
        text = "\n".join(lines)
        for secret in ("hunter2", "secret", "top"):
            self.assertNotIn(secret, text)
        self.assertIn("|554=***|", text)
        self.assertIn("|96=***|", text)
        kinds = [(l.split()[2], l.split("|35=")[1].split("|")[0]) for l in lines]
        self.assertEqual(kinds[0], ("in", "A"))
        self.assertEqual(kinds[1], ("out", "A"))
        self.assertIn(("in", "D"), kinds)
        self.assertIn(("out", "8"), kinds)
        self.assertEqual(kinds[-1], ("out", "5"))
        for line in lines:
            self.assertRegex(line, r"^\d{8}-\d\d:\d\d:\d\d\.\d{6} ACME (in |out) +8=FIX\.4\.4\|")
        self.assertEqual(os.stat(s.path("messages.log")).st_mode & 0o77, 0)

    def test_message_log_rotates(self):
        s = self.stack(session={"log_messages": "acme.log"},
                       fixbridge={"log_messages_size": 1, "log_messages_keep": 2})
        p = self.peer(s)
        p.logon()
        filler = "y" * 20000
        for i in range(150):
            p.send("1", f"112={i}-{filler}")
            p.expect(t35="0")
        s.stop_bridge()
        names = sorted(os.path.basename(n) for n in glob.glob(s.path("acme.log*")))
        self.assertEqual(names, ["acme.log", "acme.log.1", "acme.log.2"])
        for n in names:
            self.assertLess(os.path.getsize(s.path(n)), 1024 * 1024 + 50000)

    def test_message_log_that_cannot_be_written_stops_nobody(self):
        s = self.stack(fixbridge={"log_messages": "messages.log"})
        os.mkdir(s.path("messages.log"))
        p = self.peer(s)
        p.logon()
        for i in range(5):
            p.order(f"f{i}")
            p.expect(t35="8", t11=f"f{i}")
        self.assertEqual(self.log(s).count("message_log.failed"), 1)

    # ---- routing

    def test_routing_fields_come_back_in_answers(self):
        s = self.stack(session={"on_behalf_of": "FUND, BEHALF"})
        p = self.peer(s)
        p.logon()
        route = ("50=trader", "142=desk", "115=BEHALF", "116=person", "144=floor")
        back = {"57": "trader", "143": "desk", "128": "BEHALF", "129": "person", "145": "floor"}
        p.order("r1", *route)
        report = p.expect(t35="8", t11="r1")
        self.assertEqual({k: report.get(k) for k in back}, back)
        p.send("F", *route, "11=r2", "41=none", "55=NOPE", "54=1", f"60={p.stamp()}")
        reject = p.expect(t35="9", t11="r2")
        self.assertEqual({k: reject.get(k) for k in back}, back)
        # So do answers whose question is forgotten by then: a mass cancel of nothing, positions of an account.
        p.send("q", *route, "11=r5", "530=6", f"60={p.stamp()}")
        mass = p.expect(t35="r", t11="r5")
        self.assertEqual({k: mass.get(k) for k in back}, back)
        p.send("q", *route, "11=r6", "530=1", "55=NOPE", f"60={p.stamp()}")
        mass = p.expect(t35="r", t11="r6", t531="0")
        self.assertEqual({k: mass.get(k) for k in back}, back)
        p.send("AN", *route, "710=r7", "724=0", "1=main", "581=1", f"715={time.strftime('%Y%m%d')}",
               f"60={p.stamp()}", "453=1", "448=x", "447=D", "452=24")
        positions = p.expect(t35="AP", t710="r7")
        self.assertEqual({k: positions.get(k) for k in back}, back)
        # A report that comes later knows the way of its order.
        p.order("r3", *route, symbol="PF_XBTUSD")
        later = p.expect(t35="8", t11="r3", t150="0")
        self.assertEqual({k: later.get(k) for k in back}, back)
        # And again from the journal, after a restart; so does the end of a list.
        p.send("E", *route, "66=l1", "394=3", "68=1", "73=1", "11=r8", "67=1", "55=PF_XBTUSD", "54=1",
               f"60={p.stamp()}", "38=1", "40=2", "44=1")
        p.expect(t35="8", t11="r8", t150="0")
        order_id = later["37"]
        s.kill_bridge()
        s.start_bridge()
        again = self.peer(s)
        again.seq = p.seq
        again.logon()
        again.send("F", "11=r4", "41=r3", "55=PF_XBTUSD", "54=1", f"60={p.stamp()}")
        report = again.expect(t35="8", t11="r4", t150="4")
        self.assertEqual(report["37"], order_id)
        self.assertEqual({k: report.get(k) for k in back}, back)
        again.send("F", "11=r9", "41=r8", "55=PF_XBTUSD", "54=1", f"60={p.stamp()}")
        status = again.expect(t35="N", t66="l1", t429="5")
        self.assertEqual({k: status.get(k) for k in back}, back)
        again.send("2", "7=1", "16=0")
        replayed = again.expect(t35="8", t11="r1", t43="Y")
        self.assertEqual({k: replayed.get(k) for k in back}, back)

    def test_a_session_speaks_only_for_those_it_was_given(self):
        p = self.peer(self.stack(session={"on_behalf_of": "FUND"}))
        p.logon()
        p.order("o1", "115=FUND")
        self.assertEqual(p.expect(t35="8", t11="o1")["128"], "FUND")
        p.order("o2", "115=OTHER")
        reject = p.expect(t35="j")
        self.assertEqual((reject["372"], reject["380"]), ("D", "6"))
        self.assertIn("OnBehalfOfCompID(115)", reject["58"])
        p.send("q", "115=OTHER", "11=q1", "530=7", f"60={p.stamp()}")
        self.assertEqual(p.expect(t35="j")["372"], "q")


if __name__ == "__main__":
    unittest.main(verbosity=2)
