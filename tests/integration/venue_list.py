"""The venues that are traded by FIX, for the tests that do the same at each of them."""

# What differs: the simulator's dialect, the account, the symbol, resting and improved price, quantity of
# the first order and what it is replaced by, and what faults call the placement. B2PRIME has no list of
# what has ended: that an order was never placed cannot be proved there, and a person is asked.
USDT = dict(symbol="BTCUSDT", price=50000, better=50100, qty="0.01", more="0.02")
VENUES = {
    "kraken-futures": dict(account={}, symbol="PF_XBTUSD", price=50000, better=50100, qty="0.01", more="0.02",
                           place="sendorder", replace=True),
    "bybit-linear": dict(USDT, venue="bybit", secret="sim-secret", place="order/create", replace=True,
                         account={"options": "category=linear settleCoin=USDT", "price_limit_apply": "yes"}),
    "bybit-inverse": dict(venue="bybit", secret="sim-secret", symbol="BTCUSD", price=50000, better=50100, qty="100",
                          more="200", place="order/create", replace=True,
                          account={"options": "category=inverse", "price_limit_apply": "yes"}),
    "bitget": dict(USDT, secret="sim-secret", place="order/place-order", replace=False,
                   account={"passphrase": "sim-pass", "options": "productType=USDT-FUTURES marginCoin=USDT"}),
    "bitget-mix-v1": dict(USDT, secret="sim-secret", place="order/placeOrder", replace=False,
                          account={"passphrase": "sim-pass", "options": "leverage=10 marginMode=isolated"}),
    "coinswitch": dict(USDT, key="79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664",
                       secret="0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
                       place="POST order", replace=False, account={"rate_limit": "no"}),
    "b2prime": dict(symbol="spot.btc_usdt", price=50000, better=50100, qty="0.01", more="0.02",
                    key="6891e70db552ff9c6fbbccf5", secret="OFFLINE-TOKEN-EXAMPLE", place="spot/orders", replace=False,
                    proves_absence=False,
                    sim=("--open-orders-list",),
                    account={"options": "openOrdersPath=/frontoffice/api/v4/open-orders"}),
    "b2prime-cfd": dict(venue="b2prime", symbol="cfd.eur_chf", price="0.9", better="0.91", qty="10000", more="20000",
                        key="6891e70db552ff9c6fbbccf5", secret="OFFLINE-TOKEN-EXAMPLE", place="cfd/orders",
                        replace=False, proves_absence=False, sim=("--open-orders-list",),
                        account={"options": "leverage=10 lotSize.cfd.eur_chf=100000 "
                                            "openOrdersPath=/frontoffice/api/v4/open-orders"}),
    "b2prime-perpetual": dict(venue="b2prime", symbol="perp.eth_usdt", price=2900, better=2910, qty="0.2", more="0.4",
                              key="6891e70db552ff9c6fbbccf5", secret="OFFLINE-TOKEN-EXAMPLE", place="perpetual/orders",
                              replace=False, proves_absence=False, sim=("--open-orders-list",),
                              account={"options": "leverage=10 lotSize.perp.eth_usdt=0.1 "
                                                  "openOrdersPath=/frontoffice/api/v4/open-orders"}),
}


def configure(s, name, **more_of_account):
    """Writes the bridge's configuration for one of VENUES, whose simulator has been started."""
    v = VENUES[name]
    account = {"poll_fills": "200ms", "poll_orders": "1s", "call_timeout": "2s", "order_wait_max": "20s"}
    account.update(v["account"], **more_of_account)
    more = {k: v[k] for k in ("secret", "key") if k in v}
    s.write_config(account=account, venue=v.get("venue", name), **more)
