"""fixclient at a terminal: editing, history, completion, colours, recording and replaying, by a pseudo
terminal against mini_acceptor: test_fixclient_tty.py FIXCLIENT DICTIONARY"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.dont_write_bytecode = True
from mini_acceptor import Acceptor  # noqa: E402

CLIENT, DICTIONARY = sys.argv[1], sys.argv[2]
PROMPT = "fix> "
SECONDS = 30


class Terminal:
    """The client with a terminal of 200 columns; what it shows is in `text`."""

    def __init__(self, argv, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execve(argv[0], argv, env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.text, self.at = "", 0
        self.status = None

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.fd, 65536)
        except OSError:     # the other end is closed
            return False
        self.text += piece.decode(errors="replace")
        return piece != b""

    def expect(self, pattern):
        """Waits for it after what was matched before; returns the match."""
        end = time.monotonic() + SECONDS
        while True:
            found = re.compile(pattern).search(self.text, self.at)
            if found:
                self.at = found.end()
                return found
            if not self.read(max(0, end - time.monotonic())):
                raise AssertionError("no %r in: %r" % (pattern, self.text[self.at:]))

    def type(self, keys):
        data = keys.encode()
        while data:
            data = data[os.write(self.fd, data):]

    def close(self):
        if self.status is None:
            while self.read(SECONDS):
                pass
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self.fd)
        return self.status

    def kill(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.close()


class Tty(unittest.TestCase):
    def setUp(self):
        self.acceptor = Acceptor()
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def argv(self, *options):
        return [CLIENT, "--connect", "127.0.0.1:%d" % self.acceptor.port, "--sender", "ACME", "--target",
                "FIXBRIDGE", "--username", "u", "--password", "secret", "--wait-logon", "20", *options]

    def terminal(self, *options, **env):
        t = Terminal(self.argv("--dictionary", DICTIONARY, *options),
                     {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": self.path("state"), **env})
        self.addCleanup(t.kill)
        t.expect(PROMPT)
        return t

    def leave(self, t):
        t.type("exit\r")
        self.assertEqual(t.close(), 0, t.text)

    def taken(self):
        return [(t[1], t[2]) for t in self.acceptor.sessions["ACME"].taken]

    def history(self):
        with open(self.path("state/fixclient/history")) as f:
            return f.read().replace("\\040", " ")     # libedit writes blanks so

    def test_the_prompt_tells_when_there_is_no_session(self):
        t = self.terminal()
        t.type("logout\r")
        t.expect(r"fix \(not connected\)> ")
        t.type("print still here\r")
        t.expect("\nstill here")
        t.expect(r"fix \(not connected\)> ")
        t.type("connect\r")
        t.expect("Logon")
        t.type("print back\r")
        t.expect("\nback")
        t.expect(PROMPT)
        self.leave(t)

    # ---- editing and history
    def test_a_line_is_edited_before_it_is_sent(self):
        t = self.terminal()
        t.type("new id=cX symbol=S side=buy qty=1 price=1")
        t.type("\x01" + "\x1b[C" * 8 + "\x1b[3~" + "1" + "\r")      # home, right to the X, delete it, 1
        t.expect("OrdStatus.*ClOrdID.*c1 ")
        self.leave(t)
        self.assertEqual(self.taken(), [("D", "c1")])

    def test_history_is_kept_in_the_state_directory(self):
        t = self.terminal()
        t.type("print the first\r")
        t.expect("\nthe first")
        t.expect(PROMPT)
        t.type("\x1b[A\r")
        t.expect("\nthe first")
        self.leave(t)
        path = self.path("state/fixclient/history")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        t = self.terminal()
        t.type("\x1b[A\x1b[A\r")       # exit, then the line before
        t.expect("\nthe first")
        self.leave(t)

    def test_history_in_a_file_of_ones_own(self):
        t = self.terminal("--history", self.path("mine"))
        self.leave(t)
        with open(self.path("mine")) as f:
            self.assertIn("exit", f.read())

    # ---- completion
    def complete(self, t, keys, shown):
        t.type(keys + "\t")
        t.expect(shown)

    def test_commands_options_and_values_are_completed(self):
        t = self.terminal()
        self.complete(t, "repla", "repla")
        self.complete(t, "y \x15mass\t", "masscancel +massstatus|massstatus +masscancel")
        t.type("c\t")                       # goes on with the same word
        t.expect("ancel ")
        t.type("\x15ne\t" + "id=t1 sym\t" + "S si\tse\t" + " qty=1 pri\t" + "1\r")
        t.expect("ClOrdID.*t1 ")
        self.leave(t)
        self.assertEqual(self.taken(), [("D", "t1")])
        self.assertIn("new id=t1 symbol=S side=sell  qty=1 price=1", self.history())

    def test_tags_and_symbols_seen_are_completed(self):
        t = self.terminal()
        t.type("new id=o1 symbol=ZEBRA/USD side=buy qty=1 price=1\r")
        t.expect("OrdStatus=.*NEW[(]0.*\n")
        t.expect(PROMPT)
        t.type("new id=o2 symbol=ZE\t" + " side=buy qty=1 price=1 SettlTy\t\r")
        t.expect("pe=")
        t.expect("ClOrdID.*o2 .*\n")
        t.type("cancel id=o3 orig=o1\t\r")
        t.expect("ClOrdID.*o3 ")
        t.type("expect ClOrd\t")
        t.expect("ClOrdID=")
        t.type("o3\x15raw 35=V|262=a|SubscriptionRequestTy\t\x15")
        self.leave(t)
        self.assertEqual(self.taken(), [("D", "o1"), ("D", "o2"), ("F", "o3")])
        self.assertIn("symbol=ZEBRA/USD  side", self.history())

    def test_files_are_completed(self):
        with open(self.path("a-saved-script"), "w") as f:
            f.write("print from the file\n")
        t = self.terminal()
        t.type("source %s/a-sav\t\r" % self.dir.name)
        t.expect("\nfrom the file")
        self.leave(t)

    # ---- how it looks
    def test_colours_at_a_terminal_only(self):
        t = self.terminal()
        t.type("new id=k1 symbol=S side=buy qty=1 price=1\r")
        t.expect(r"\x1b\[36m<- ExecutionReport\x1b\[0m \x1b\[2mExecType=\x1b\[0mNEW\(0\)")
        self.leave(t)
        t = self.terminal(NO_COLOR="1")
        t.type("new id=k2 symbol=S side=buy qty=1 price=1\r")
        t.expect(r" <- ExecutionReport ExecType=NEW\(0\)")
        self.leave(t)

    def test_a_message_does_not_damage_the_line_being_typed(self):
        t = self.terminal()
        t.type("new id=m1 symbol=S side=buy qty=1 price=1\rprint sti")
        t.expect("ExecType.*NEW")
        t.expect("fix> print sti")
        t.type("ll here\r")
        t.expect("\nstill here")
        self.leave(t)

    def test_what_others_write_is_shown_above_the_line(self):
        with open(self.path("other"), "w") as f:
            f.write("before\n")
            f.flush()
            t = self.terminal("--follow", self.path("other"))
            t.type("print ty")
            t.expect("print ty")
            f.write("half a ")
            f.flush()
            f.write("line\n")
            f.flush()
            t.expect("half a line.*\n.*fix> print ty")
            t.type("ped\r")
            t.expect("\ntyped")
        self.assertNotIn("before", t.text)
        self.leave(t)

    def test_ctrl_c_drops_the_line_and_ends_a_wait(self):
        t = self.terminal()
        t.type("new id=n1 symbol=S side=buy qty=1")
        t.expect("qty=1")
        t.type("\x03")
        t.expect(PROMPT)
        t.type("expect 35=8 timeout=600\r")
        t.expect("timeout=600\r?\n")
        t.type("\x03")
        t.expect("FAILED: .*no message came")
        t.expect(PROMPT)
        self.leave(t)
        self.assertEqual(self.taken(), [])

    # ---- recording and replaying
    def test_what_is_typed_is_recorded_and_played_again(self):
        t = self.terminal()
        t.type("record %s\rnew id=$name symbol=S side=buy qty=1 price=1\rset name=r1\r" % self.path("saved"))
        t.type("new id=$name symbol=S side=buy qty=1 price=1\rexpect 11=$name 150=0\rhelp\rrecord stop\rprint over\r")
        t.expect("\nover")
        self.leave(t)
        with open(self.path("saved")) as f:
            self.assertEqual(f.read(), "set name=r1\nnew id=$name symbol=S side=buy qty=1 price=1\n"
                                       "expect 11=$name 150=0\n")
        done = subprocess.run(self.argv("--script", self.path("saved")), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.taken(), [("D", "r1"), ("D", "r1")])

    def test_a_replay_ends_with_ctrl_c(self):
        with open(self.path("log"), "w") as f:
            for number, stamp in ((1, "10:00:00"), (2, "11:00:00")):
                f.write("x ACME in 8=FIX.4.4|9=5|35=D|49=A|56=B|34=%d|52=20260101-%s|11=i%d|55=S|54=1|38=1|40=2|44=1|"
                        "10=000|\n" % (number, stamp, number))
        t = self.terminal()
        t.type("replay %s check=no\r" % self.path("log"))
        t.expect("ExecType.*NEW")
        t.type("\x03")
        t.expect("replay interrupted: 1 messages sent again")
        self.leave(t)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
