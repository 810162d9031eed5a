#!/usr/bin/env python3
"""The JSON API and the operator's actions by HTTP, of the real binary: an order is found by any of its ids and
shown with everything that happened to it; nothing is done without token and confirmation."""
import re
import unittest

from admin_http import AdminHttp
from raw_fix import Peer, logon, message, stamp
from stack import SECRET, Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()
NEW = "new id={0} symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11={0} 150=0\n"


class Api(unittest.TestCase):
    def stack(self, **kw):
        s = Stack(BIN)
        self.addCleanup(s.__exit__, None, None, None)
        s.start_sim()
        kw.setdefault("account", {"poll_fills": "50ms", "rate_limit": "no"})
        kw.setdefault("sessions", ("ACME", "BETA"))
        s.write_config(**kw)
        s.start_bridge()
        return s, AdminHttp(s)

    # ---- reading

    def test_everything_of_orders_needs_the_token(self):
        s, a = self.stack()
        for path in ("overview", "sessions", "sessions/ACME", "orders", "orders/FB-1", "find?id=x", "venues", "calls", "log",
                     "timeline?id=FB-1", "timeline?id=FB-1&source=journal"):
            status, headers, text = a.request("GET", "/api/" + path, token=False)
            self.assertEqual(status, 401, path)
            self.assertEqual(headers["www-authenticate"], 'Bearer realm="fixbridge"')
            self.assertEqual(a.request("GET", "/api/" + path, token=False,
                                       headers={"Authorization": "Bearer " + "0" * 64})[0], 401)
        self.assertEqual(a.request("POST", "/api/action", body={}, token=False)[0], 401)
        self.assertEqual(a.request("GET", "/api/action")[0], 405)

    def test_an_order_is_found_by_any_id_with_its_whole_history(self):
        s, a = self.stack()
        s.script(NEW.format("first") + "replace orig=first id=second symbol=PF_XBTUSD side=buy qty=2 type=limit "
                 "price=49999\nexpect 35=8 11=second 150=5\ncancel orig=second id=third\nexpect 35=8 11=third 150=4\nlogout\n")
        o = a.get("/api/find?id=first")["orders"][0]
        self.assertEqual((o["state"], o["session"], o["account"], o["qty"]), ("canceled", "ACME", "main", "2"))
        for key in ("second", "third", o["id"], o["venue_id"], o["client_id"]):
            self.assertEqual([x["id"] for x in a.get(f"/api/find?id={key}")["orders"]][:1], [o["id"]], key)
        self.assertEqual(a.get("/api/find?id=nobody"), {"orders": [], "messages": False})
        self.assertEqual(a.get("/api/orders/" + o["id"])["id"], o["id"])
        t = a.get("/api/timeline?id=" + o["id"])
        self.assertTrue(t["complete"])
        self.assertEqual(t["order"]["id"], o["id"])
        story = [(e["kind"], re.sub(r".*?\b35=(\w+)\|.*", r"\1", e["text"]) if "fix" in e["kind"]
                  else re.sub(r".*\bop=(\S+).*", r"\1", e["text"]) if e["kind"] in ("call", "answer")
                  else e["text"].split()[0]) for e in t["events"]]
        self.assertEqual(story[0], ("fix-in", "D"))
        self.assertEqual(story[1], ("record", "order"))
        for step in (("call", "place"), ("answer", "place"), ("fix-in", "G"), ("call", "replace"), ("answer", "replace"),
                     ("fix-in", "F"), ("call", "cancel"), ("answer", "cancel"), ("record", "request-end"), ("fix-out", "8")):
            self.assertIn(step, story)
        self.assertLess(story.index(("fix-in", "D")), story.index(("call", "place")))
        self.assertLess(story.index(("fix-in", "F")), story.index(("call", "cancel")))
        self.assertEqual([e["at"] for e in t["events"]], sorted(e["at"] for e in t["events"]))
        self.assertNotIn(SECRET, str(t))
        self.assertNotIn("APIKey", str(t))

    def test_older_events_come_from_the_journal(self):
        s, a = self.stack()
        s.script(NEW.format("old") + "logout\n")
        o = a.get("/api/find?id=old")["orders"][0]
        s.kill_bridge()
        s.start_bridge()
        a = AdminHttp(s)
        t = a.get("/api/timeline?id=" + o["id"])
        self.assertFalse(t["complete"])
        self.assertNotIn("fix-in", [e["kind"] for e in t["events"]])
        for key in (o["id"], "old"):
            j = a.get(f"/api/timeline?id={key}&source=journal")
            self.assertTrue(j["complete"])
            kinds = [(e["kind"], e["text"].split()[0]) for e in j["events"]]
            self.assertEqual(kinds[0], ("record", "order"))
            self.assertIn(("fix-out", "sent"), kinds)
            self.assertEqual([int(e["lsn"]) for e in j["events"]], sorted(int(e["lsn"]) for e in j["events"]))

    def test_messages_about_no_order_are_found_too(self):
        s, a = self.stack()
        s.script("cancel orig=never id=stray symbol=PF_XBTUSD side=buy\nexpect 35=9 11=stray\nlogout\n")
        self.assertEqual(a.get("/api/find?id=stray"), {"orders": [], "messages": True})
        t = a.get("/api/timeline?id=stray")
        self.assertIsNone(t["order"])
        self.assertEqual([e["kind"] for e in t["events"]], ["fix-in", "fix-out"])

    def test_a_call_about_several_orders_is_in_the_history_of_each(self):
        s, a = self.stack(account={"poll_fills": "50ms", "rate_limit": "no", "calls_max": "1"})
        names = [f"b{i}" for i in range(8)]
        with Peer(s.port) as p:
            p.send(logon(), *(message("D", 2 + i, [("11", n), ("55", "PF_XBTUSD"), ("54", "1"), ("38", "1"), ("40", "2"),
                                                   ("44", "50000"), ("59", "1"), ("60", stamp())])
                              for i, n in enumerate(names)))
            a.wait(lambda: a.get("/api/overview")["stats"]["orders_live"] == 8 and
                   all(o["state"] == "live" for o in a.get("/api/orders?live=1")["orders"]))
        for n in names:
            t = a.get("/api/timeline?id=" + a.get("/api/find?id=" + n)["orders"][0]["id"])
            kinds = [e["kind"] for e in t["events"]]
            self.assertEqual((kinds.count("call"), kinds.count("answer")), (1, 1), n)
        a.wait(lambda: a.metrics()[0]['fixbridge_stage_seconds_count{stage="reported"}'] == 8)
        m, _ = a.metrics()
        for stage in ("durable", "sent", "answered"):
            self.assertEqual(m[f'fixbridge_stage_seconds_count{{stage="{stage}"}}'], 8, stage)

    def test_lists_are_paged(self):
        s, a = self.stack()
        s.script("".join(NEW.format(f"p{i}") for i in range(7)) + "cancel orig=p3 id=c3\nexpect 35=8 11=c3 150=4\nlogout\n")
        seen, before = [], ""
        while before is not None:
            page = a.get(f"/api/orders?live=1&limit=2{before and '&before=' + str(before)}")
            self.assertLessEqual(len(page["orders"]), 2)
            seen += [o["cl_ord_id"] for o in page["orders"]]
            before = page["next"]
        self.assertEqual(seen, ["p6", "p5", "p4", "p2", "p1", "p0"])
        self.assertEqual(len(a.get("/api/orders?session=ACME")["orders"]), 7)
        self.assertEqual(a.get("/api/orders?session=BETA")["orders"], [])
        for bad in ("orders?limit=0", "orders?limit=501", "orders?before=x", "sessions?limit=-1", "find"):
            self.assertEqual(a.request("GET", "/api/" + bad)[0], 400, bad)
        for none in ("orders?session=NOBODY", "orders?account=none", "orders/FB-zzzz", "sessions/NOBODY"):
            self.assertEqual(a.request("GET", "/api/" + none)[0], 404, none)
        one = a.get("/api/sessions?limit=1")
        self.assertEqual(([x["name"] for x in one["sessions"]], one["next"]), (["ACME"], 1))
        self.assertEqual([x["name"] for x in a.get("/api/sessions?from=1")["sessions"]], ["BETA"])
        calls = a.get("/api/calls?limit=3")["calls"]
        self.assertEqual(len(calls), 3)
        self.assertIn("op=cancel -> 200 done", str(a.get("/api/calls")))
        venue = a.get("/api/venues")["venues"][0]
        self.assertEqual(venue["outcomes"]["unknown"], 0)
        self.assertGreaterEqual(venue["calls_total"], 8)
        self.assertEqual({w["name"] for w in venue["budget"]}, {"derivatives", "history"})

    # ---- doing

    def test_nothing_is_done_without_confirmation(self):
        s, a = self.stack()
        for body in ("{", "[]", {}, {"action": "reset"}, {"action": "stop", "target": "ACME", "confirm": "ACME"},
                     {"action": "reset", "target": "ACME BETA", "confirm": "ACME BETA"},
                     {"action": "set-next", "target": "ACME", "confirm": "ACME", "in": "5 out=9"},
                     {"action": "reset", "target": "ACME\nstop", "confirm": "ACME\nstop"}):
            self.assertEqual(a.request("POST", "/api/action", body=body)[0], 400, body)
        self.assertEqual(a.act("reset", "ACME", confirm="BETA")[0], 409)
        self.assertEqual(a.act("reset", "ACME", confirm="")[0], 409)
        self.assertEqual(a.act("reset", "NOBODY"), (409, {"ok": False, "error": "no such session"}))
        headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
        self.assertEqual(a.request("POST", "/api/action", headers=headers,
                                   body={"action": "reset", "target": "ACME", "confirm": "ACME"})[0], 403)
        self.assertEqual([x for x in a.get("/api/log")["audit"] if "done" in x], [])

    def test_numbers_and_disconnect_and_audit(self):
        s, a = self.stack()
        status, answer = a.act("set-next", "BETA", **{"in": "5", "out": "7"})
        self.assertEqual((status, answer["result"]["next_in"], answer["result"]["next_out"]), (200, 5, 7))
        with Peer(s.port) as p:
            p.send(logon())
            self.assertIn(("35", "A"), p.receive())
            self.assertEqual(a.act("reset", "ACME")[0], 409)
            self.assertEqual(a.act("disconnect", "ACME")[0], 200)
            self.assertIn(("58", "Disconnected by the operator"), p.receive())
        s.kill_bridge()                                             # what was answered is durable
        with open(s.path("journal/audit.log")) as f:
            lines = f.read().splitlines()
        self.assertEqual(len(lines), 6)                             # each before it was done, and its result
        self.assertEqual([line.endswith(" begins") for line in lines], [True, False] * 3)
        self.assertRegex(lines[1], r'^\S+Z http=127\.0\.0\.1:\d+ command="set-next BETA in=5 out=7" result="done"$')
        self.assertRegex(lines[3], r'command="reset ACME" result="the session is connected')
        s.start_bridge()
        self.assertEqual(AdminHttp(s).get("/api/sessions/BETA")["next_out"], 7)

    def test_a_disabled_account_takes_no_orders_and_lets_them_be_canceled(self):
        s, a = self.stack()
        s.script(NEW.format("rests") + "logout\n")
        self.assertEqual(a.act("disable-account", "main")[0], 200)
        self.assertIn("disabled by an operator", str(a.get("/api/overview")["alarms"]))
        out = s.script("new id=no symbol=PF_XBTUSD side=buy qty=1 type=limit price=50000\nexpect 35=8 11=no 150=8 103=0\n"
                       "replace orig=rests id=r symbol=PF_XBTUSD side=buy qty=2 type=limit price=50000\nexpect 35=9 11=r\n"
                       "cancel orig=rests id=c symbol=PF_XBTUSD side=buy qty=1\nexpect 35=8 11=c 150=4\nlogout\n")
        self.assertIn("disabled by the operator", out)
        self.assertEqual(a.act("enable-account", "main")[0], 200)
        self.assertEqual(a.get("/api/overview")["alarms"], [])
        s.script(NEW.format("again") + "logout\n")

    def test_all_orders_of_a_session_or_account_are_canceled(self):
        s, a = self.stack()
        s.script("".join(NEW.format(f"a{i}") for i in range(4)) + "logout\n")
        s.script("".join(NEW.format(f"b{i}") for i in range(3)) + "logout\n", sender="BETA")
        self.assertEqual(a.act("cancel-session", "ACME"), (200, {"ok": True, "result": {"canceling": 4}}))
        a.wait(lambda: a.get("/api/overview")["stats"]["orders_live"] == 3)
        self.assertEqual({o["session"] for o in a.get("/api/orders?live=1")["orders"]}, {"BETA"})
        self.assertEqual(a.act("cancel-account", "main"), (200, {"ok": True, "result": {"canceling": 3}}))
        a.wait(lambda: a.get("/api/overview")["stats"]["orders_live"] == 0)
        self.assertEqual({o["status"] for o in s.audit().values()}, {"cancelled"})
        s.script("".join(f"expect 35=8 150=4 11=b{i}\n" for i in range(3)) + "logout\n", sender="BETA")  # told when back


if __name__ == "__main__":
    unittest.main(verbosity=2)
