"""fixclient against mini_acceptor: test_fixclient.py FIXCLIENT DICTIONARY"""
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
from mini_acceptor import Acceptor  # noqa: E402

CLIENT, DICTIONARY = sys.argv[1], sys.argv[2]


class Control(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Control.seen.append((self.path, body))
        self.send_response(200 if self.path == "/sim/fill" else 500)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


class FixClient(unittest.TestCase):
    def setUp(self):
        self.acceptor = Acceptor()
        self.dir = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.dir.cleanup()

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def run_client(self, script, *options, code=0, password="secret"):
        command = [CLIENT, "--connect", "127.0.0.1:%d" % self.acceptor.port, "--sender", "ACME",
                   "--target", "FIXBRIDGE", "--username", "u", "--password", password,
                   "--wait-logon", "20", *options]
        done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def session(self, name="ACME"):
        return self.acceptor.sessions[name]

    # ---- script mode ----
    def test_a_story_is_played_and_printed_with_names(self):
        out = self.run_client("""
            set px=100.5
            new id=c1 symbol=PF_XBTUSD side=buy qty=2 type=limit price=$px
            expect 35=8 11=c1 150=A
            expect ExecType=0 OrderQty=2.0 37=* 41=! timeout=9
            set oid=$last.37
            replace id=c2 orig=c1 qty=3
            expect 35=8 150=5 11=c2 41=c1 38=3 37=$oid
            status id=c2
            expect 150=I
            cancel id=c3 orig=c2
            expect 150=4 39=4 11=c3
            new id=c4 symbol=PF_XBTUSD side=sell qty=1 any 528=A
            expect 150=F 39=2 14=1
            new id=c5 symbol=BAD side=buy qty=1 price=1
            expect 150=8 58~symbol
            cancel id=c6 orig=none symbol=X side=buy
            expect 35=9 102=1
            masscancel id=m1
            expect 35=r 531=7
            raw 35=V|262=x|
            expect 35=j 380=3
            forget
            forbid 35=8
            print the order was $oid
        """, "--dictionary", DICTIONARY)
        self.assertIn("<- ExecutionReport ExecType=TRADE(F) OrdStatus=FILLED(2) ClOrdID=c4", out)
        self.assertIn("-> NewOrderSingle ClOrdID=c1", out)
        self.assertIn("Password=********", out)
        self.assertIn("the order was ACME-O1", out)
        self.assertNotIn("\033", out)

    def test_expect_that_is_not_met_fails_and_shows_what_came(self):
        out = self.run_client("new id=c1 symbol=S side=buy qty=1 price=1\nexpect 150=0\n"
                              "expect 150=F timeout=0.3\n", code=1)
        self.assertIn("FAILED: in 0.3 s no message came with: 150=F", out)
        self.assertIn("not matched:", out)
        self.assertIn("stdin:3: expect 150=F", out)

    def test_forbid_fails_when_the_message_came(self):
        self.run_client("new id=c1 symbol=S side=buy qty=1 price=1\nforbid 150=0 timeout=5\n", code=1)

    def test_unknown_command_and_unknown_variable_are_usage_errors(self):
        self.run_client("frobnicate\n", code=2)
        self.run_client("print $nothing\n", code=2)

    def test_control_endpoint_is_called(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = "http://127.0.0.1:%d" % server.server_port
        self.run_client('set id=c1\nhttp POST %s/sim/fill {"cliOrdId": "$id", "qty": "1"}\n' % url)
        self.assertEqual(Control.seen[-1], ("/sim/fill", '{"cliOrdId": "c1", "qty": "1"}'))
        self.run_client("http POST %s/other {}\n" % url, code=1)
        server.shutdown()
        server.server_close()

    # ---- saved scripts, replay ----
    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def taken(self):
        return [t[1:3] for t in self.session().taken]

    def test_a_saved_script_is_played_within_another(self):
        inner = self.write("inner", "new id=$who symbol=S side=buy qty=1 price=1\nexpect 150=0 11=$who\n")
        self.run_client("set who=s1\nsource %s\nset who=s2\nsource %s\n" % (inner, inner))
        self.assertEqual(self.taken(), [("D", "s1"), ("D", "s2")])
        out = self.run_client("source %s\n" % self.write("bad", "print one\nfrobnicate\n"), code=2)
        self.assertIn("bad:2: frobnicate", out)
        loop = self.write("loop", "source %s\n" % self.path("loop"))
        self.assertIn("too deep", self.run_client("source %s\n" % loop, code=2))
        self.run_client("source %s\n" % self.path("absent"), code=2)
        self.run_client("source %s\n" % self.write("fails", "expect 150=F timeout=0.1\n"), code=1)

    def test_what_is_read_is_recorded(self):
        self.run_client("record %s\nset a=1\n  print $a\nhelp\nrecord stop\nprint 2\n" % self.path("saved"))
        with open(self.path("saved")) as f:
            self.assertEqual(f.read(), "set a=1\nprint $a\n")
        self.run_client("record stop\n", code=2)

    @staticmethod
    def line(stamp, session, way, fields):
        """A line of the bridge's message log."""
        body = fields.replace("|", "\001")
        text = "8=FIX.4.4\0019=%d\001%s" % (len(body), body)
        text += "10=%03d\001" % (sum(text.encode()) % 256)
        return "20260101-%s000 %s %-3s %s\n" % (stamp, session, way, text.replace("\001", "|"))

    def log(self):
        order = "55=S|54=1|60=20260101-10:00:01.000|38=2|40=2|44=1|"
        return self.write("bridge.log", "".join([
            self.line("10:00:00.000", "DESK", "in", "35=A|49=D|56=B|34=1|52=20260101-10:00:00.000|98=0|"),
            self.line("10:00:01.000", "DESK", "in", "35=D|49=D|56=B|34=2|52=20260101-10:00:01.000|50=tom|11=a|"
                      + order + "58=kept as it is|"),
            self.line("10:00:01.100", "DESK", "out", "35=8|49=B|56=D|34=2|52=20260101-10:00:01.100|37=FB-1|11=a|"
                      "150=0|39=0|"),
            self.line("10:00:01.200", "DESK", "in", "35=D|43=Y|49=D|56=B|34=2|52=20260101-10:00:01.200|11=a|" + order),
            self.line("10:00:01.300", "RISK", "in", "35=D|49=R|56=B|34=2|52=20260101-10:00:01.300|11=z|" + order),
            # torn off; and one whose text was longer
            "20260101-10:00:01.400000 DESK in  8=FIX.4.4|9=1|35=G|49=D\n",
            self.line("10:00:01.450", "DESK", "in", "35=D|49=D|56=B|34=3|52=20260101-10:00:01.450|11=y|" + order
                      + "58=masked|").replace("masked", "***"),
            self.line("10:00:01.500", "DESK", "in", "35=F|49=D|56=B|34=3|52=20260101-10:00:01.500|11=b|41=a|37=FB-1|"
                      "55=S|54=1|60=20260101-10:00:01.500|38=2|")]))

    def test_a_message_log_is_replayed(self):
        path = self.log()
        out = self.run_client("replay %s session=DESK speed=1\nexpect 150=4 11=b timeout=10\n" % path,
                              "--log", self.path("own"))
        self.assertIn("2 messages sent again in 0.5", out)
        self.assertIn("left out: 1 of the session, 1 said twice, 2 of others, 2 unreadable", out)
        self.assertEqual(self.taken(), [("D", "a"), ("F", "b")])
        with open(self.path("own")) as f:
            order = [line for line in f if "\00135=D\001" in line][0]
        self.assertRegex(order, "\00134=2\00152=[^\001]*\00150=tom\00111=a\00155=S\00154=1\00160=2(?!0260101-10:00)")
        self.assertIn("\00158=kept as it is\001", order)
        self.assertNotIn("\00143=", order)

    def test_the_own_log_and_a_plain_file_are_replayed_with_fresh_ids(self):
        self.run_client("new id=p1 symbol=S side=buy qty=1 price=1\nexpect 150=0\ncancel id=p2 orig=p1\n"
                        "expect 150=4\n", "--log", self.path("own"))
        out = self.run_client("replay %s ids=fresh speed=max\nexpect 35=8 150=4\n" % self.path("own"))
        self.assertIn("2 messages sent again", out)
        with open(self.path("own")) as f:
            plain = "".join(line[line.index("8=FIX"):].rstrip("\n") for line in f)
        out = self.run_client("replay %s ids=fresh speed=max\nexpect 35=8 150=4\n" % self.write("plain", plain))
        self.assertIn("2 messages sent again", out)
        taken = self.taken()
        self.assertEqual([t[0] for t in taken], ["D", "F"] * 3)
        self.assertEqual(len({t[1] for t in taken}), 6)

    def test_the_log_being_written_is_whole_when_replayed(self):
        self.run_client("new id=w1 symbol=S side=buy qty=1 price=1\nexpect 150=0\ncancel id=w2 orig=w1\n"
                        "replay %s speed=max limit=2\nexpect 150=4\n" % self.path("own"), "--log", self.path("own"))
        self.assertEqual(self.taken(), [("D", "w1"), ("F", "w2"), ("D", "w1"), ("F", "w2")])

    def test_what_replay_does_not_understand_is_said(self):
        path = self.log()
        for words in ("", path + " speed=0", path + " dir=up", path + " colour=red", self.path("absent")):
            self.run_client("replay %s\n" % words, code=2)
        out = self.run_client("replay %s speed=max dir=out limit=1\n" % path)
        self.assertIn("-> 35=8 150=0", out)
        self.assertIn("1 messages sent again", out)

    # ---- session ----
    def test_refused_logon_ends_with_code_4(self):
        out = self.run_client("print never\n", "--wait-logon", "0.5", code=4, password="wrong")
        self.assertIn("refused", out)

    def test_numbers_survive_a_restart_of_the_client(self):
        for number in range(1, 3):
            self.run_client("new id=c%d symbol=S side=buy qty=1 price=1\nexpect 150=0\n" % number,
                            "--state", self.path("state"))
        s = self.session()
        self.assertEqual([t[2] for t in s.taken], ["c1", "c2"])
        self.assertEqual(s.next_in, 7)      # two times Logon, order, Logout

    def test_reset_starts_both_sides_at_one(self):
        for _ in range(2):
            self.run_client("new symbol=S side=buy qty=1 price=1\nexpect 150=0\n", "--reset",
                            "--state", self.path("state"))
        self.assertEqual(self.session().next_in, 4)

    def test_a_lost_report_is_asked_for_and_comes_in_order(self):
        self.run_client("new id=c1 symbol=S side=buy qty=1 price=1 text=lose\n"
                        "expect_disconnect\nconnect\nexpect 150=A 43=Y\nexpect 150=0\n",
                        "--log", self.path("log"), "--log-pipe")
        with open(self.path("log")) as f:
            log = f.read()
        self.assertIn("|35=2|", log)
        self.assertIn("|7=2|16=0|", log)

    def test_a_lost_order_is_sent_again_when_the_acceptor_asks(self):
        self.run_client("""
            new id=c0 symbol=S side=buy qty=1 price=1
            expect 150=0 11=c0
            new id=c1 symbol=S side=buy qty=1 price=1 text=drop
            expect_disconnect
            new id=c2 symbol=S side=buy qty=1 price=1
            connect
            expect 150=0 11=c1
            expect 150=0 11=c2
        """, "--state", self.path("state"))
        s = self.session()
        self.assertEqual([t[2] for t in s.taken], ["c0", "c1", "c2"])
        self.assertGreaterEqual(s.resent, 2)

    def test_an_order_lost_with_the_client_is_resent_by_its_successor(self):
        self.run_client("new id=c1 symbol=S side=buy qty=1 price=1 text=drop\nexpect_disconnect\n",
                        "--state", self.path("state"))
        self.run_client("expect 150=0 11=c1\n", "--state", self.path("state"))
        self.assertEqual([t[2] for t in self.session().taken], ["c1"])

    def test_heartbeats_are_exchanged_and_a_test_request_answered(self):
        # mini_acceptor sends none of its own accord: this one answers the client's TestRequest.
        self.run_client("expect 35=0 112=ALIVE timeout=5\n", "--heartbeat", "1")
        self.run_client("raw 35=1|112=hello|\nexpect 35=0 112=hello\n", "--heartbeat", "1")

    # ---- violations ----
    def violation(self, fault, words, script="wait 0.3\n"):
        out = self.run_client("new id=c1 symbol=S side=buy qty=1 price=1 text=%s\n%s" % (fault, script), code=3)
        self.assertIn(words, out)

    def test_wrong_checksum(self):
        self.violation("badsum", "wrong CheckSum")

    def test_exec_id_repeated_with_other_content(self):
        self.violation("dupexec", "ExecID repeated with different content")

    def test_quantities_that_do_not_add_up(self):
        self.violation("mismatch", "CumQty + LeavesQty is not OrderQty")

    def test_missing_required_field(self):
        self.violation("missing", "required tag 55 missing")

    def test_number_that_jumps(self):
        self.violation("jump", "MsgSeqNum does not follow")

    def test_poss_dup_without_original_time(self):
        out = self.run_client("new id=c1 symbol=S side=buy qty=1 price=1 text=no122\n"
                              "expect_disconnect\nconnect\nexpect 150=0\n", code=3)
        self.assertIn("PossDupFlag without OrigSendingTime", out)

    # ---- load ----
    def load(self, *options, code=0):
        out = self.run_client("", "--load", "--json", *options, code=code)
        return json.loads(out.splitlines()[-1]), out

    def test_closed_loop_load_measures_and_confirms_everything(self):
        result, out = self.load("--count", "2000", "--outstanding", "20", "--sessions", "3",
                                "--mix", "60,25,15")
        self.assertEqual((result["sent"], result["confirmed"], result["unconfirmed"]), (2000, 2000, 0))
        self.assertEqual(result["firstReport"]["count"], result["orders"])
        latency = result["accepted"]
        self.assertTrue(0 < latency["p50"] <= latency["p99"] <= latency["max"])
        self.assertGreater(result["canceled"]["count"], 100)
        self.assertGreater(result["replaced"]["count"], 100)
        self.assertEqual(result["violations"], 0)
        rows = re.findall(r"  from +(\d+) us +(\d+) (#*)\n", out)
        self.assertEqual(sum(int(r[1]) for r in rows), latency["count"], out)
        self.assertEqual(max(len(r[2]) for r in rows), 50)
        self.assertTrue(all(bool(r[2]) == (int(r[1]) > 0) for r in rows), out)
        self.assertEqual(sum(len(s.taken) for s in self.acceptor.sessions.values()), 2000)
        self.assertEqual(sorted(self.acceptor.sessions), ["ACME0001", "ACME0002", "ACME0003"])

    def test_rate_is_kept(self):
        result, _ = self.load("--count", "300", "--rate", "500")
        self.assertEqual(result["confirmed"], 300)
        self.assertLess(result["perSecond"], 700)

    def test_load_survives_lost_connections_without_losing_or_doubling(self):
        stop = threading.Event()

        def cut():
            # Sockets are cut while orders and reports are in flight, paced by progress, not by time.
            s, last = self.acceptor.session("ACME"), 0
            while not stop.is_set() and s.next_in < 3000:
                if s.next_in > last + 400 and s.connection is not None:
                    last = s.next_in
                    try:
                        s.connection.sock.shutdown(2)
                    except OSError:
                        pass
                stop.wait(0.002)

        cutter = threading.Thread(target=cut)
        cutter.start()
        result, out = self.load("--count", "4000", "--outstanding", "50", "--state", self.path("state"),
                                "--resume-until-idle", "--log", self.path("log"),
                                "--report", self.path("report"))
        stop.set()
        cutter.join()
        self.assertGreater(result["disconnects"], 2, out)
        self.assertEqual(result["confirmed"], 4000)
        ids = [t[2] for t in self.session().taken]
        self.assertEqual(len(ids), 4000)
        self.assertEqual(len(set(ids)), 4000)
        with open(self.path("report")) as f:
            self.assertEqual(len(f.readlines()), 4001)

    def test_load_ends_with_its_duration(self):
        result, _ = self.load("--count", "5", "--symbols", "S", "--duration", "1", "--settle", "0.2",
                              "--rate", "1", code=0)
        self.assertLess(result["sent"], 5)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
