"""The simulator as a paper-trading venue: the walk of prices, the page and its state; every dialect.

    python3 test_venuesim_walk.py path/to/venuesim        (standard library only)
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
from venuesim_client import Case, Sim  # noqa: E402

VENUES = ('kraken-futures', 'bybit', 'bitget', 'bitget-mix-v1', 'coinswitch', 'b2prime')


def state(sim):
    status, _, text = sim.request('GET', '/sim/state')
    assert status == 200, text
    return json.loads(text)


def market(sim, symbol='PF_XBTUSD'):
    return next(i for i in state(sim)['instruments'] if i['symbol'] == symbol)


def path(sim, steps):
    prices = []
    for _ in range(steps):
        sim.control('walk', steps=1)
        prices.append(tuple((i['bid'], i['ask']) for i in state(sim)['instruments']))
    return prices


class Walk(Case):
    def setUp(self):
        super().setUp()
        self.sim.control('walk', on=False, seed=1, basis_points=3, size=None)

    def test_prices_stand_still_unless_asked(self):
        self.assertFalse(state(self.sim)['walk']['on'])
        self.assertEqual((market(self.sim)['bid'], market(self.sim)['ask']), ('60000', '60001'))

    def test_a_seed_gives_its_path_again(self):
        self.sim.control('walk', seed=7)
        first = path(self.sim, 20)
        self.sim.control('reset')
        self.assertEqual(path(self.sim, 20), first)
        self.sim.control('reset')
        self.sim.control('walk', seed=8)
        self.assertNotEqual(path(self.sim, 20), first)

    def test_prices_are_whole_ticks_and_bid_stays_below_ask(self):
        self.sim.control('walk', seed=3, basis_points=200)
        seen = set()
        for prices in path(self.sim, 100):
            for bid, ask in prices:
                self.assertLess(float(bid), float(ask))
            seen.add(prices[1][0])
        self.assertGreater(len(seen), 50)
        for i in state(self.sim)['instruments']:
            ticks = float(i['bid']) / float(i['tick'])
            self.assertAlmostEqual(ticks, round(ticks), places=4)

    def test_a_price_comes_back_from_far_away(self):
        self.sim.control('walk', seed=3, basis_points=1000)
        for _ in range(50):
            self.sim.control('walk', steps=1000)
            self.assertTrue(60000 * 0.4 < float(market(self.sim)['bid']) < 60000 * 2.3)

    def test_a_resting_order_fills_when_the_price_comes_to_it(self):
        self.assertEqual(self.status_of('w1', symbol='PF_XBTUSD', size='1', price='59990'), 'placed')
        self.sim.control('walk', seed=1)
        low = 60001.0
        for _ in range(20000):
            self.sim.control('walk', steps=1)
            now = state(self.sim)
            ask = float(next(i for i in now['instruments'] if i['symbol'] == 'PF_XBTUSD')['ask'])
            low = min(low, ask)
            self.assertEqual(low <= 59990, bool(now['fills']), 'ask %s' % low)
            if now['fills']:
                break
        fill = now['fills'][0]
        self.assertEqual((fill['client_id'], fill['price'], fill['qty'], fill['taker']), ('w1', '59990', '1', False))
        self.assertEqual(now['orders'], [])

    def test_a_size_makes_partial_fills(self):
        self.send('w2', symbol='PF_XBTUSD', size='1', price='59990')
        self.sim.control('walk', seed=1, size='0.3')
        while not state(self.sim)['fills']:
            self.sim.control('walk', steps=1)
        self.assertEqual(state(self.sim)['fills'][0]['qty'], '0.3')
        self.assertEqual(state(self.sim)['orders'][0]['filled'], '0.3')

    def test_it_moves_by_itself_and_stops(self):
        self.sim.control('walk', on=True, speed='200')
        end = time.monotonic() + 20
        while state(self.sim)['walk']['steps'] < 5:
            self.assertLess(time.monotonic(), end)
        self.sim.control('walk', on=False)
        steps = state(self.sim)['walk']['steps']
        self.assertEqual(state(self.sim)['walk']['steps'], steps)

    def test_a_suspended_instrument_stands(self):
        self.sim.control('suspend', symbol='PF_XBTUSD')
        self.sim.control('walk', steps=50)
        self.assertEqual(market(self.sim)['bid'], '60000')
        self.assertNotEqual(market(self.sim, 'PF_ETHUSD')['bid'], '3000')

    def test_what_is_wrong_is_said(self):
        for body in ({'speed': '0'}, {'speed': 'fast'}, {'basis_points': 0}, {'size': '-1'},
                     {'steps': 100001}):
            status, _, text = self.sim.request('POST', '/sim/walk', json.dumps(body))
            self.assertEqual(status, 400, (body, text))


class Page(Case):
    def test_the_policy_allows_the_pages_own_script_only(self):
        status, headers, text = self.sim.request('GET', '/sim')
        self.assertEqual(status, 200)
        policy = headers['Content-Security-Policy']
        self.assertIn("default-src 'none'", policy)
        for tag, rule in (('script', 'script-src'), ('style', 'style-src')):
            inside = re.search('<%s>(.*?)</%s>' % (tag, tag), text, re.S).group(1)
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            self.assertIn("%s 'sha256-%s';" % (rule, digest), policy)
        self.assertIsNone(re.search(r'https?://|\sstyle=|\son[a-z]+=', text), 'not self-contained')

    def test_the_state_says_what_is_there(self):
        self.send('p1', symbol='PF_XBTUSD', size='2', price='59000')
        self.send('p2', symbol='PF_XBTUSD', side='sell', size='1', price='61000')
        self.sim.control('fault', op='sendorder', fault='drop', count=2)
        s = state(self.sim)
        self.assertEqual(market(self.sim)['bids'], [['59000', '2', 1]])
        self.assertEqual(market(self.sim)['asks'], [['61000', '1', 1]])
        self.assertEqual([o['client_id'] for o in s['orders']], ['p2', 'p1'])
        self.assertEqual(s['calls'], [{'count': 2, 'op': 'sendorder'}])
        self.assertEqual((s['faults'][0]['fault'], s['faults'][0]['left']), ('drop', 2))
        self.assertIn('act_drop', s['fault_kinds'])
        first = s['orders'][0]
        self.sim.control('fill', order_id=first['order_id'], key=first['key'], size='0.5')
        self.assertEqual(state(self.sim)['fills'][0]['qty'], '0.5')


class Every(unittest.TestCase):
    def test_each_dialect_walks_and_has_the_page(self):
        for venue in VENUES:
            with self.subTest(venue=venue):
                sim = Sim(BINARY, '--venue', venue, '--walk', '100', '--seed', '5')
                try:
                    s = state(sim)
                    self.assertEqual((s['venue'], s['walk']['on'], s['walk']['speed']), (venue, True, '100'))
                    sim.control('walk', on=False)
                    seen = []
                    for _ in range(6):      # a walk may come back to where it was; not each time
                        seen.append([i['bid'] for i in state(sim)['instruments']])
                        sim.control('walk', steps=30)
                    self.assertTrue(all(len(set(bids)) > 1 for bids in zip(*seen)), seen)
                    self.assertEqual(sim.request('GET', '/sim')[0], 200)
                finally:
                    sim.control('walk', on=True)    # it must end although the prices still move
                    sim.stop()

    def test_a_bad_speed_is_refused_at_start(self):
        done = subprocess.run([BINARY, '--walk', 'x'], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn('--walk x', done.stderr)


if __name__ == '__main__':
    BINARY = Case.binary = os.path.abspath(sys.argv.pop(1))
    unittest.main()
