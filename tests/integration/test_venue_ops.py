#!/usr/bin/env python3
"""Every operation of every driver, by hand: `fixbridge venue ACCOUNT OPERATION key=value` against the
venue's simulator, which records each request it gets. The operations are those the binary itself lists,
so that a new one is missed here; each call must be done, and must have asked what the venue documents."""
import json
import re
import subprocess
import sys
import time
import unittest

from stack import Stack, bin_dir_from_argv

BIN = bin_dir_from_argv()

COINSWITCH = dict(key="79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664",
                  secret="0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")
B2PRIME = dict(key="6891e70db552ff9c6fbbccf5", secret="OFFLINE-TOKEN-EXAMPLE")


class Walk(unittest.TestCase):
    """One venue's walk: do(OPERATION, what the simulator must have been asked, key=value...)."""

    def start(self, venue, account=None, sim=(), **more):
        self.stack = Stack(BIN)
        self.addCleanup(self.stack.__exit__, None, None, None)
        self.stack.start_sim("--venue", venue, "--audit-requests", "--no-rate-limit", *sim)
        self.stack.write_config(venue=venue, account=account, **more)
        self.done = set()
        self.seen = 0
        self.cursor = None
        self.first = None       # what each call asks before it may ask anything

    def command(self, *words):
        p = subprocess.run([self.stack.program("fixbridge"), "--config", self.stack.path("fixbridge.conf"), "venue",
                            "main", *words], text=True, capture_output=True, timeout=60)
        return p.returncode, p.stdout, p.stderr

    def requests(self):
        lines = [json.loads(t) for t in self.stack.control("/sim/audit").splitlines()]
        new = [x["op"] for x in lines[self.seen:] if x["event"] == "request"]
        self.seen = len(lines)
        return new

    def settle(self):
        """Until the venue has done everything that it acknowledged."""
        while json.loads(self.stack.control("/sim/stats"))["held"] > 0:
            time.sleep(0.005)

    def do(self, op, expected, *words, **pairs):
        """Makes the call, checks that it was done and what it asked; the answer, decoded."""
        self.settle()
        self.requests()
        code, out, complaint = self.command(op, *words, *("%s=%s" % p for p in pairs.items()))
        asked = self.requests()
        self.assertEqual(code, 0, (op, words, pairs, out, complaint))
        self.assertIn("outcome: done", out, (op, words, pairs))
        if self.first:
            self.assertEqual(asked[:1], [self.first], op)
            asked = asked[1:]
        self.assertEqual(len(asked), 1, (op, asked))
        self.assertRegex(asked[0], "^" + expected + "$", op)
        self.done.add(op)
        more = re.search(r", more with cursor=(.*), [0-9.]+ ms", out)
        self.cursor = more.group(1) if more else None
        self.settle()
        return json.loads(out.splitlines()[0]) if out.startswith(("{", "[")) else None

    def all_walked(self):
        code, out, _ = self.command("help")
        self.assertEqual(code, 0)
        listed = set(re.findall(r"^  ([a-z-]+) *(?:acts)?$", out.split("Parameters")[0], re.M))
        self.assertGreater(len(listed), 10)
        self.assertEqual(self.done, listed)

    # ---- the venues

    def test_kraken_futures(self):
        self.start("kraken-futures")
        d, h = "/derivatives/api/v3/", "/api/history/v3/"
        limit = dict(symbol="PF_XBTUSD", side="buy", qty="0.01", price="50000")
        self.do("instruments", "GET " + d + "instruments")
        self.do("place", "POST " + d + "sendorder", client_id="a", **limit)
        self.do("status", "POST " + d + "orders/status", client_id="a")
        self.do("replace", "POST " + d + "editorder", client_id="a", **{**limit, "qty": "0.02"})
        self.do("open-orders", "GET " + d + "openorders")
        self.do("cancel", "POST " + d + "cancelorder", client_id="a")
        self.do("batch", "POST " + d + "batchorder",
                "do=place", "client_id=b", "symbol=PF_XBTUSD", "side=buy", "qty=0.01", "price=50000",
                "do=place", "client_id=c", "symbol=PF_XBTUSD", "side=buy", "qty=0.01", "price=50001",
                "do=cancel", "client_id=c")
        self.assertEqual({k: v["status"] for k, v in self.stack.audit().items()},
                         {"a": "cancelled", "b": "open", "c": "cancelled"})
        self.do("cancel-all", "POST " + d + "cancelallorders", symbol="PF_XBTUSD")
        self.do("place", "POST " + d + "sendorder", client_id="m", symbol="PF_XBTUSD", side="buy", qty="0.01",
                type="market")
        self.do("positions", "GET " + d + "openpositions")
        self.do("fills", "GET " + d + "fills")
        self.do("executions", "GET " + h + r"executions\?.*", since="2026-01-01T00:00:00Z")
        self.do("order-history", "GET " + h + r"orders(\?.*)?")
        self.do("trigger-history", "GET " + h + r"triggers(\?.*)?")
        self.do("account-log", "GET " + h + r"account-log(\?.*)?")
        self.do("deadman", "POST " + d + "cancelallordersafter", timeout=60)
        self.do("deadman", "POST " + d + "cancelallordersafter", timeout=0)
        self.do("set-leverage", "PUT " + d + r"leveragepreferences(\?.*)?", symbol="PF_XBTUSD", maxLeverage=5)
        self.do("get-leverage", "GET " + d + r"leveragepreferences(\?.*)?")
        self.do("set-stp", "PUT " + d + r"self-trade-strategy(\?.*)?", strategy="CANCEL_MAKER_SELF")
        self.do("get-stp", "GET " + d + "self-trade-strategy")
        self.all_walked()

    def walk_bybit(self, category, symbol, qty, options):
        self.start("bybit", account={"options": options}, secret="sim-secret")
        v = "/v5/"
        limit = dict(symbol=symbol, side="buy", qty=qty, price="50000")
        self.do("time", "GET " + v + "market/time")
        self.do("instruments", "GET " + v + r"market/instruments-info\?category=%s.*" % category)
        self.do("check-order", "POST " + v + "order/pre-check", client_id="x", **limit)
        self.do("check-order", "GET " + v + r"market/price-limit\?.*", symbol=symbol, what="price-limit")
        self.do("check-order", "GET " + v + "account/user-setting-config", what="price-action")
        self.do("check-order", "GET " + v + "account/info", what="account")
        self.do("place", "POST " + v + "order/create", client_id="a", **limit)
        self.do("status", "GET " + v + r"order/realtime\?.*orderLinkId=a.*", symbol=symbol, client_id="a")
        self.do("replace", "POST " + v + "order/amend", client_id="a", **{**limit, "price": "50001"})
        self.do("open-orders", "GET " + v + r"order/realtime\?.*")
        self.do("cancel", "POST " + v + "order/cancel", symbol=symbol, client_id="a")
        for kind, path in (("place", "create"), ("replace", "amend"), ("cancel", "cancel")):
            items = []
            for client_id, price in (("b", "50000"), ("c", "50010")):
                items += ["do=" + kind, "client_id=" + client_id, "symbol=" + symbol, "side=buy", "qty=" + qty,
                          "price=" + (price if kind == "place" else price[:-1] + "5")]
            self.do("batch", "POST " + v + "order/%s-batch" % path, *items)
        self.do("order-history", "GET " + v + r"order/history\?.*")
        self.do("trigger-history", "GET " + v + r"order/history\?.*orderFilter=StopOrder.*")
        self.do("place", "POST " + v + "order/create", client_id="m", **{**limit, "type": "market", "price": "0"})
        self.do("fills", "GET " + v + r"execution/list\?.*")
        self.do("executions", "GET " + v + r"execution/list\?.*", since=int((time.time() - 600) * 1e6))
        self.do("positions", "GET " + v + r"position/list\?.*")
        self.do("position-triggers", "POST " + v + "position/trading-stop", symbol=symbol, takeProfit="70000",
                stopLoss="55000")
        self.do("close-position", "POST " + v + "order/create", symbol=symbol, side="sell", client_id="z")
        self.do("set-leverage", "POST " + v + "position/set-leverage", symbol=symbol, leverage=7)
        self.do("get-leverage", "GET " + v + r"position/symbol-info\?.*", symbol=symbol)
        self.do("set-leverage", "POST " + v + "account/set-limit-px-action", modifyEnable="true")
        self.do("get-stp", "GET " + v + "account/smp-group")
        self.do("fees", "GET " + v + r"account/fee-rate\?.*", symbol=symbol)
        self.do("deadman", "POST " + v + "order/disconnected-cancel-all", timeout=40)
        self.do("deadman", "GET " + v + "account/query-dcp-info", show="true")
        self.do("place", "POST " + v + "order/create", client_id="t", **limit)
        self.do("cancel-all", "POST " + v + "order/cancel-all", symbol=symbol)
        self.assertEqual(self.stack.audit()["t"]["status"], "cancelled")
        self.all_walked()

    def test_bybit_linear(self):
        self.walk_bybit("linear", "BTCUSDT", "0.01", "category=linear settleCoin=USDT")

    def test_bybit_inverse(self):
        self.walk_bybit("inverse", "BTCUSD", "100", "category=inverse")

    def test_bitget(self):
        self.start("bitget", secret="sim-secret",
                   account={"passphrase": "sim-pass", "options": "productType=USDT-FUTURES marginCoin=USDT "
                                                              "modify=yes"})
        o, m = "/api/v2/mix/order/", "/api/v2/mix/"
        limit = dict(symbol="BTCUSDT", side="buy", qty="0.01", price="50000")
        self.do("time", "GET /api/v2/public/time")
        self.do("instruments", "GET " + m + r"market/contracts\?.*")
        self.do("place", "POST " + o + "place-order", client_id="a", **limit)
        self.do("status", "GET " + o + r"detail\?.*clientOid=a.*", symbol="BTCUSDT", client_id="a")
        # Kind by kind: three of triggers, then orders; each answer says how to go on.
        for path in ("orders-plan-pending",) * 3 + ("orders-pending",) * 2:
            more = {"cursor": self.cursor} if self.cursor else {}
            self.do("open-orders", "GET " + o + path + r"\?.*", **more)
        self.assertIsNone(self.cursor)
        self.do("replace", "POST " + o + "modify-order", client_id="a", **{**limit, "price": "50001"})
        self.do("batch", "POST " + o + "batch-place-order",
                "do=place", "client_id=b", "symbol=BTCUSDT", "side=buy", "qty=0.01", "price=50000",
                "do=place", "client_id=c", "symbol=BTCUSDT", "side=buy", "qty=0.01", "price=50001")
        self.do("cancel", "POST " + o + "cancel-order", symbol="BTCUSDT", client_id="b")
        self.do("batch", "POST " + o + "batch-cancel-orders", "do=cancel", "client_id=c", "symbol=BTCUSDT")
        self.do("order-history", "GET " + o + r"orders-history\?.*")
        self.do("trigger-history", "GET " + o + r"orders-plan-history\?.*")
        plan = self.do("place", "POST " + o + "place-plan-order", client_id="p", symbol="BTCUSDT", side="sell",
                       qty="0.01", type="stop", stop_price="55000")["data"]["orderId"]
        self.do("trigger-history", "GET " + o + r"plan-sub-order\?.*", planOrderId=plan)
        self.do("cancel", "POST " + o + "cancel-plan-order", symbol="BTCUSDT", type="stop", venue_id=plan)
        self.do("place", "POST " + o + "place-order", client_id="m", symbol="BTCUSDT", side="buy", qty="0.01",
                type="market")
        self.do("fills", "GET " + o + r"fills\?.*")
        self.do("executions", "GET " + o + r"fill-history\?.*", since=int((time.time() - 600) * 1e6))
        self.do("positions", "GET " + m + r"position/all-position\?.*")
        self.do("positions", "GET " + m + r"position/single-position\?.*", symbol="BTCUSDT")
        self.do("position-triggers", "POST " + o + "place-pos-tpsl", symbol="BTCUSDT", holdSide="buy",
                stopSurplusTriggerPrice="70000", stopLossTriggerPrice="55000")
        tpsl = self.do("position-triggers", "POST " + o + "place-tpsl-order", symbol="BTCUSDT",
                       planType="profit_plan", triggerPrice="71000", triggerType="mark_price", holdSide="buy",
                       size="0.01")["data"]["orderId"]
        self.do("position-triggers", "POST " + o + "modify-tpsl-order", symbol="BTCUSDT", orderId=tpsl,
                triggerPrice="72000", size="0.01")
        self.do("cancel-all", "POST " + o + "cancel-all-orders", symbol="BTCUSDT")
        self.do("close-position", "POST " + o + "close-positions", symbol="BTCUSDT")
        self.do("set-leverage", "POST " + m + "account/set-leverage", symbol="BTCUSDT", leverage=7)
        self.do("get-leverage", "GET " + m + r"account/account\?.*", symbol="BTCUSDT")
        self.all_walked()

    def test_bitget_mix_v1(self):
        self.start("bitget-mix-v1", secret="sim-secret",
                   account={"passphrase": "sim-pass", "options": "leverage=10 marginMode=isolated"})
        o, p = "/api/mix/v1/order/", "/api/mix/v1/position/"
        limit = dict(symbol="BTCUSDT", side="buy", qty="0.01", price="50000")
        self.do("place", "POST " + o + "placeOrder", **limit)
        first = next(iter(self.stack.audit().values()))["order_id"]
        self.do("status", "GET " + o + r"detail\?.*orderId=%s.*" % first, symbol="BTCUSDT", venue_id=first)
        self.do("open-orders", "GET " + o + r"current\?.*", symbol="BTCUSDT")
        self.do("batch", "POST " + o + "batchOrders",
                "do=place", "symbol=BTCUSDT", "side=buy", "qty=0.01", "price=50000",
                "do=place", "symbol=BTCUSDT", "side=buy", "qty=0.02", "price=50001")
        self.do("cancel", "POST " + o + "cancel", symbol="BTCUSDT", venue_id=first)
        self.do("cancel-all", "POST " + o + "cancelAll", symbol="BTCUSDT")
        self.assertEqual([x["status"] for x in self.stack.audit().values()], ["cancelled"] * 3)
        self.do("place", "POST " + o + "placeOrder", symbol="BTCUSDT", side="buy", qty="0.01", type="market")
        self.do("order-history", "GET " + o + r"history\?.*", symbol="BTCUSDT")
        self.do("fills", "GET " + o + r"fills\?.*", symbol="BTCUSDT")
        self.do("executions", "GET " + o + r"fills\?.*", symbol="BTCUSDT", since=int((time.time() - 600) * 1e6))
        self.do("close-position", "POST " + p + "close", symbol="BTCUSDT", positionSide="long")
        self.do("set-leverage", "POST " + p + "leverage", symbol="BTCUSDT", leverage=7, marginMode="isolated")
        self.do("instruments", r"GET /api/v2/mix/market/contracts\?.*")
        self.all_walked()

    def test_coinswitch(self):
        self.start("coinswitch", secret=COINSWITCH["secret"], key=COINSWITCH["key"],
                   account={"options": "trigger_orders=close-position"})
        f = "/trade/api/v2/futures/"
        limit = dict(symbol="BTCUSDT", side="buy", qty="0.01", price="50000")
        self.do("time", "GET /trade/api/v2/time")
        self.do("instruments", "GET " + f + r"instrument_info\?exchange=EXCHANGE_2")
        a = self.do("place", "POST " + f + "order", client_id="a", **limit)["data"]["order_id"]
        self.do("status", "GET " + f + r"order\?order_id=" + a, venue_id=a)
        self.do("status", "GET " + f + r"order\?client_order_id=.*", client_id="a")
        self.do("open-orders", "POST " + f + "orders/open")
        self.do("cancel", "DELETE " + f + "order", symbol="BTCUSDT", venue_id=a)
        self.do("order-history", "POST " + f + "orders/closed")
        self.do("set-leverage", "POST " + f + "leverage", symbol="BTCUSDT", leverage=7)
        self.do("get-leverage", "GET " + f + r"leverage\?.*", symbol="BTCUSDT")
        self.do("positions", "GET " + f + r"positions\?.*")
        self.do("place", "POST " + f + "order", client_id="m", symbol="BTCUSDT", side="buy", qty="0.01", type="market")
        self.do("positions", "GET " + f + r"positions\?.*", symbol="BTCUSDT")
        self.do("set-leverage", "POST " + f + "add_margin", symbol="BTCUSDT", margin="5")
        self.do("place", "POST " + f + "order", client_id="s", symbol="BTCUSDT", side="sell", qty="0.01", type="stop",
                stop_price="55000", reduce_only="yes")
        self.do("account-log", "GET " + f + r"transactions\?.*")
        gone = self.do("cancel-all", "POST " + f + "cancel_all")["data"]["orders_ids"]
        self.assertEqual(len(gone), 1)
        self.all_walked()

    def test_b2prime(self):
        self.start("b2prime", sim=("--open-orders-list",), secret=B2PRIME["secret"], key=B2PRIME["key"],
                   account={"options": "leverage=10 lotSize.cfd.eth_eur=1 lotSize.perp.btc_usdt=1 "
                                       "openOrdersPath=/frontoffice/api/v4/open-orders"})
        a = "/frontoffice/api/"
        self.first = "POST " + a + "v4/access-token"
        spot = dict(symbol="spot.btc_usdt", side="buy", qty="0.01", price="50000")
        cfd = dict(symbol="cfd.eth_eur", side="buy", qty="1", price="2500")
        perp = dict(symbol="perp.btc_usdt", side="buy", qty="1", price="50000")
        self.do("auth", "POST " + a + "v4/access-token")
        self.do("account-log", "GET " + a + "v3/accounts")
        self.do("instruments", "GET " + a + "v5/markets")
        self.do("check-order", "POST " + a + "v3/order-data", **spot)
        self.do("check-order", "POST " + a + "cfd/v4/order-data", **cfd)
        self.do("check-order", "POST " + a + "perpetual/v4/order-data", **perp,
                **{"takeProfit.triggerType": "rate", "takeProfit.triggerSize": "0.01"})
        ids = [self.do("place", "POST " + a + path, client_id="x%d" % n, **order)["order"]["orderId"]
               for n, (path, order) in enumerate((("v3/orders", spot), ("cfd/v4/orders", cfd),
                                                  ("perpetual/v4/orders", perp)))]
        stop = dict(type="stop", stop_price="65000", price="0")
        ids += [self.do("place", "POST " + a + path, client_id="s%d" % n, **{**order, **stop})["order"]["orderId"]
                for n, (path, order) in enumerate((("v3/stop-orders", spot), ("cfd/v4/stop-orders", cfd),
                                                   ("perpetual/v4/stop-orders", perp)))]
        self.do("status", "POST " + a + "v5/orders/%s/executions/list" % ids[0], symbol="spot.btc_usdt",
                venue_id=ids[0])
        rows = self.do("open-orders", "GET " + a + "v4/open-orders")
        self.assertEqual([o["orderId"] for o in rows["item"]], ids[:3])
        for n, order_id in enumerate(ids):
            self.do("cancel", "DELETE " + a + "v3/%s/%s" % ("orders" if n < 3 else "stop-orders", order_id),
                    symbol=(spot, cfd, perp)[n % 3]["symbol"], venue_id=order_id, kind="order" if n < 3 else "stop")
        self.assertEqual([o["status"] for o in self.stack.audit().values()], ["cancelled"] * 6)
        market = self.do("place", "POST " + a + "perpetual/v4/orders", client_id="m",
                         **{**perp, "type": "market", "tif": "ioc", "price": "0"})["order"]["orderId"]
        row = self.do("executions", "POST " + a + "v5/orders/%s/executions/list" % market,
                      orderId=market)["executions"][0]
        p = row["positionId"]
        self.do("executions", "POST " + a + "v4/positions/%s/executions/list" % p, positionId=p)
        self.do("executions", "POST " + a + "v4/positions/executions/list", positionIds=p)
        self.do("position-triggers", "POST " + a + "v4/positions/%s/trigger-data" % p,
                **{"positionId": p, "stopLoss.triggerType": "rate", "stopLoss.triggerSize": "-0.01"})
        self.do("position-triggers", "PUT " + a + "v4/positions/%s/triggers" % p,
                **{"positionId": p, "stopLoss.price": "55000", "takeProfit.price": "70000"})
        self.do("close-position", "POST " + a + "v4/positions/%s/close" % p, positionId=p,
                closePositionLotAmount="0.5")
        self.do("close-position", "POST " + a + "v4/positions/bulk-close", mode="AllPositions")
        closed = self.do("order-history", "POST " + a + "v4/orders/closed-positions")
        self.assertEqual([o["positionId"] for o in closed["orders"]], [p])
        self.do("fees", "GET " + a + "v3/commission/group-1/account-trading-volume",
                dynamicCommissionGroupId="group-1")
        self.all_walked()


if __name__ == "__main__":
    unittest.main(verbosity=2)
