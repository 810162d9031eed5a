"""The simulator's CoinSwitch dialect tested by itself, with a signing of its own checked against the
fact sheet's vectors C1 to C7.

    python3 test_venuesim_coinswitch.py path/to/venuesim        (standard library only)
"""
import http.client
import json
import sys
import time
import unittest
import urllib.parse
import uuid

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
import ed25519  # noqa: E402
from venuesim_client import Sim  # noqa: E402

SECRET = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'
KEY = '79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664'
OTHER = '2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40'
F = '/trade/api/v2/futures/'
VECTORS = [
    ('POST' + F + 'cancel_all1719905777483',
     '00129bf210da9f8530b91d208fa40c54ef7549151cdfbe334015b1705dc9cd640d9c4ebb36766ab8466999fbb5cccde5'
     '5ed5aa546216177b5f540e6b491e6f01'),
    ('GET' + F + 'order?order_id=698ed406-8ef5-4664-9779-f7978702a4471719905777483',
     'ad281c4999583ea0a22de69663764863938be36067cf3bd77e8b77b9a2a36f5c35294efab6601d95360c47e0c5a2d110'
     '0c94b8234a4c015b538222b4bbfc8200'),
    ('DELETE' + F + 'order1732623664116',
     '26f0dbf979583f9c339d2ae3febcbd8ab278b0b8d4e5ad71b04de2c87f7f78d75610f42be45c86125bb6ea862540f3c1'
     '4f7459a06f3273f865b8c06e1da5ff08'),
    ('GET/trade/api/v2/depth?exchange=c2c1&symbol=BTC/USDT1719905777483',
     '135d1c98fbf593526982c293eb2f4f191eccbea9af31518192706df04bd20f5e9d2cffd2ddf04625b4e28faff8695238'
     '2084f582ca2956379e9d2fc3e018900a'),
]


def signature(message, secret=SECRET):
    return ed25519.sign(bytes.fromhex(secret), message.encode()).hex()


class Case(unittest.TestCase):
    """A simulator for each class of tests, emptied before each test."""
    binary = None
    arguments = ('--no-rate-limit', '--account',
                 ed25519.public(bytes.fromhex(OTHER)).hex() + ':' + OTHER)

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(Case.binary, '--venue', 'coinswitch', *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.sim.stop()
        assert code == 0, 'exit code %d' % code

    def setUp(self):
        self.sim.control('reset')

    def raw(self, method, path, query='', body=None, key=KEY, secret=SECRET, stamp=None, **headers):
        stamp = str(int(time.time() * 1000)) if stamp is None else str(stamp)
        target = path + ('?' + query if query else '')
        headers = {'Content-Type': 'application/json', 'X-AUTH-APIKEY': key, 'X-AUTH-EPOCH': stamp,
                   'X-AUTH-SIGNATURE': signature(method + urllib.parse.unquote_plus(target) + stamp,
                                                 secret), **headers}
        status, _, text = self.sim.request(method, target, body,
                                           {k.replace('_', '-'): v for k, v in headers.items()})
        return status, json.loads(text)

    def post(self, op, method='POST', **fields):
        return self.raw(method, F + op, '', json.dumps({'exchange': 'EXCHANGE_2', **fields}))

    def get(self, op, **fields):
        return self.raw('GET', F + op, urllib.parse.urlencode(sorted(fields.items())))

    def good(self, answer):
        self.assertEqual((answer[0], list(answer[1])), (200, ['data']), answer)
        return answer[1]['data']

    def refused(self, answer, status, word):
        self.assertEqual((answer[0], list(answer[1])), (status, ['message']), answer)
        self.assertIn(word, answer[1]['message'])

    def settle(self):
        """Until the exchange has done everything that was raised."""
        while json.loads(self.sim.request('GET', '/sim/stats')[2])['held'] > 0:
            pass

    def place(self, settle=True, **fields):
        order = {'symbol': 'BTCUSDT', 'side': 'BUY', 'order_type': 'LIMIT', 'price': 50000,
                 'quantity': 0.01, **fields}
        answer = self.post('order', **{k: v for k, v in order.items() if v is not None})
        if settle:
            self.settle()
        return answer

    def new(self, **fields):
        return self.good(self.place(**fields))['order_id']

    def detail(self, order_id):
        return self.good(self.get('order', order_id=order_id))['order']

    def status(self, order_id):
        return self.detail(order_id)['status']


class Signature(Case):
    def test_vectors_of_the_sheet(self):
        self.assertEqual(ed25519.public(bytes.fromhex(SECRET)).hex(), KEY)
        for message, expected in VECTORS:
            self.assertEqual(signature(message), expected)

    def test_simulator_accepts_the_vectors_bytes(self):
        self.sim.control('options', clock_offset_ms=1719905777483 - int(time.time() * 1000))
        status, _, text = self.sim.request(
            'POST', F + 'cancel_all', '{"exchange":"EXCHANGE_2"}',
            {'Content-Type': 'application/json', 'X-AUTH-APIKEY': KEY,
             'X-AUTH-EPOCH': '1719905777483', 'X-AUTH-SIGNATURE': VECTORS[0][1]})
        self.sim.control('options', clock_offset_ms=0)
        self.assertEqual((status, json.loads(text)), (200, {'data': {'orders_ids': []}}))

    def test_wrong_key_signature_epoch(self):
        now = int(time.time() * 1000)
        ask = ('GET', F + 'leverage', 'exchange=EXCHANGE_2&symbol=BTCUSDT')
        self.assertEqual(self.raw(*ask)[0], 200)
        self.assertEqual(self.raw(*ask, stamp=now - 55000)[0], 200)
        for wrong in (dict(key='nobody'), dict(secret=OTHER), dict(stamp=now - 61000),
                      dict(stamp=now + 61000), dict(stamp='yesterday'), dict(X_AUTH_SIGNATURE='00'),
                      dict(X_AUTH_APIKEY='')):
            self.refused(self.raw(*ask, **wrong), 401, 'Invalid Access')
        self.assertEqual(sum(line['event'] == 'auth_refused' for line in self.sim.audit()), 7)

    def test_query_is_signed_decoded(self):
        status, answer = self.raw('GET', F + 'leverage', 'exchange=EXCHANGE%5F2&symbol=BTCUSDT')
        self.assertEqual(status, 200, answer)

    def test_the_body_is_not_signed(self):
        stamp = int(time.time() * 1000)
        for symbol in ('BTCUSDT', 'ETHUSDT'):
            body = json.dumps({'exchange': 'EXCHANGE_2', 'symbol': symbol})
            self.assertEqual(self.raw('POST', F + 'cancel_all', '', body, stamp=stamp)[0], 200)

    def test_content_type_is_required(self):
        ask = ('GET', F + 'leverage', 'exchange=EXCHANGE_2&symbol=BTCUSDT')
        self.refused(self.raw(*ask, Content_Type='text/plain'), 400, 'Content-Type')

    def test_time_needs_no_credentials(self):
        status, _, text = self.sim.request('GET', '/trade/api/v2/time', None,
                                           {'Content-Type': 'application/json'})
        self.assertEqual((status, list(json.loads(text))), (200, ['serverTime']))

    def test_unknown_path_and_parameter(self):
        self.assertEqual(self.raw('GET', F + 'fills')[0], 404)
        self.refused(self.post('cancel_all', colour='red'), 400, 'colour')
        self.refused(self.raw('POST', F + 'cancel_all', '', 'hello'), 400, 'body')


class Orders(Case):
    def test_place_is_raised_and_the_status_is_nested(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=100)
        order = self.good(self.place(settle=False, client_order_id=str(uuid.uuid4())))
        self.assertEqual((order['status'], order['quantity'], order['exec_quantity'],
                          order['avg_execution_price'], order['reduce_only']),
                         ('RAISED', '0.01', '0', '0', False))
        self.assertNotEqual(order['execution_fee'], '0')    # an estimate, as in the examples
        self.assertIsInstance(order['created_at'], int)
        self.settle()
        self.assertEqual(self.status(order['order_id']), 'RAISED')

    def test_market_order_is_executed_later(self):
        order = self.good(self.place(order_type='MARKET', price=None))
        self.assertEqual(order['status'], 'RAISED')
        done = self.detail(order['order_id'])
        self.assertEqual((done['status'], done['exec_quantity'], done['avg_execution_price']),
                         ('EXECUTED', '0.01', '60000.1'))
        self.assertEqual(done['execution_fee'], '0.3000005')

    def test_partial_fill_stays_raised(self):
        i = self.new()
        self.sim.control('fill', order_id=i, size='0.004')
        o = self.detail(i)
        self.assertEqual((o['status'], o['exec_quantity']), ('RAISED', '0.004'))

    def test_ioc_remainder_is_partially_executed(self):
        self.sim.control('market', symbol='BTCUSDT', ask='60000', ask_size='0.004')
        i = self.new(price=60000, time_in_force='IOC')
        o = self.detail(i)
        self.assertEqual((o['status'], o['exec_quantity']), ('PARTIALLY_EXECUTED', '0.004'))
        self.assertEqual(self.good(self.post('orders/open'))['orders'], [])

    def test_fok_without_liquidity_is_cancelled(self):
        self.assertEqual(self.status(self.new(price=50000, time_in_force='FOK')), 'CANCELLED')

    def test_cancel_is_raised_then_done(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=100)
        i = self.new()
        answer = self.good(self.post('order', 'DELETE', order_id=i))
        self.assertEqual((answer['status'], answer['avg_exec_price']), ('CANCELLATION_RAISED', '0'))
        self.assertIn('exec_fee', answer)
        self.assertNotIn('execution_fee', answer)
        self.assertEqual(self.status(i), 'CANCELLATION_RAISED')
        self.refused(self.post('order', 'DELETE', order_id=i), 400, 'already raised')
        self.settle()
        self.assertEqual(self.status(i), 'CANCELLED')
        self.refused(self.post('order', 'DELETE', order_id=i), 400, 'cannot be cancelled')

    def test_fill_beats_a_raised_cancel(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=100)
        i = self.new()
        self.good(self.post('order', 'DELETE', order_id=i))
        self.sim.control('fill', order_id=i)
        self.assertEqual(self.status(i), 'EXECUTED')
        self.settle()
        self.assertEqual(self.status(i), 'EXECUTED')
        self.assertIn('cancel_too_late', [line['event'] for line in self.sim.audit()])

    def test_cancel_of_a_part_filled_order(self):
        i = self.new()
        self.sim.control('fill', order_id=i, size='0.004')
        self.good(self.post('order', 'DELETE', order_id=i))
        self.settle()
        o = self.detail(i)
        self.assertEqual((o['status'], o['exec_quantity']), ('PARTIALLY_EXECUTED', '0.004'))
        j = self.new()
        self.sim.control('fill', order_id=j, size='0.004')
        self.sim.control('cancel', order_id=j, reason='CANCELLED_BY_ADMIN')
        o = self.detail(j)
        self.assertEqual((o['status'], o['exec_quantity']), ('CANCELLED', '0.004'))

    def test_cancel_just_after_placement(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=200)
        order = self.good(self.place(settle=False))
        self.refused(self.post('order', 'DELETE', order_id=order['order_id']), 400, 'processed')

    def test_cancel_all(self):
        a, b = self.new(), self.new(symbol='ETHUSDT', price=2000, quantity=1)
        self.assertEqual(self.good(self.post('cancel_all', symbol='ethusdt')), {'orders_ids': [b]})
        self.assertEqual(self.good(self.post('cancel_all')), {'orders_ids': [a]})
        self.settle()
        self.assertEqual([self.status(i) for i in (a, b)], ['CANCELLED', 'CANCELLED'])
        self.assertEqual(self.good(self.post('cancel_all')), {'orders_ids': []})

    def test_duplicate_client_id_places_nothing(self):
        name = str(uuid.uuid4())
        i = self.new(client_order_id=name)
        self.assertEqual(self.new(client_order_id=name), i)
        self.assertEqual(self.sim.summary()[name]['duplicates_refused'], 1)
        self.assertEqual(self.good(self.get('order', client_order_id=name))['order']['order_id'], i)

    def test_venue_that_forgets_client_ids(self):
        self.sim.control('options', forget_client_ids=True)
        name = str(uuid.uuid4())
        i, j = self.new(client_order_id=name), self.new(client_order_id=name)
        self.assertNotEqual(i, j)
        self.assertNotIn('client_order_id', self.detail(i))
        self.refused(self.get('order', client_order_id=name), 422, 'order_id is missing')

    def test_unknown_order(self):
        self.refused(self.get('order', order_id=str(uuid.uuid4())), 404, 'not found')
        self.refused(self.post('order', 'DELETE', order_id=str(uuid.uuid4())), 404, 'not found')

    def test_another_account_does_not_see_it(self):
        i = self.new()
        key = ed25519.public(bytes.fromhex(OTHER)).hex()
        answer = self.raw('GET', F + 'order', 'order_id=' + i, key=key, secret=OTHER)
        self.refused(answer, 404, 'not found')

    def test_parameters_of_an_order(self):
        for word, status, fields in (
                ('exchange', 422, dict(exchange='')), ('exchange', 422, dict(exchange='EXCHANGE_1')),
                ('symbol', 422, dict(symbol=None)), ('not supported', 400, dict(symbol='XXXUSDT')),
                ('side', 422, dict(side='buy')), ('side', 422, dict(side=None)),
                ('order_type', 422, dict(order_type='STOP')),
                ('time_in_force', 422, dict(time_in_force='GTD')),
                ('quantity', 422, dict(quantity=None)), ('quantity', 422, dict(quantity='0.01')),
                ('minimum', 400, dict(quantity=0.0001)), ('step', 400, dict(quantity=0.0015)),
                ('minimum', 400, dict(quantity=0)), ('maximum', 400, dict(quantity=953)),
                ('price is missing', 422, dict(price=None)), ('price', 422, dict(price='50000')),
                ('price', 422, dict(price=-1)), ('precision', 400, dict(price=50000.05)),
                ('reduce_only', 422, dict(reduce_only='true')),
                ('client_order_id', 422, dict(client_order_id='FB-1')),
                ('post_only', 400, dict(post_only=True))):
            self.refused(self.place(**fields), status, word)
        self.assertEqual(self.sim.summary(), {})

    def test_numbers_with_exponents_are_refused(self):
        body = ('{"exchange":"EXCHANGE_2","symbol":"BTCUSDT","side":"BUY","order_type":"LIMIT",'
                '"price":5e4,"quantity":0.01}')
        self.refused(self.raw('POST', F + 'order', '', body), 422, 'price')

    def test_no_funds(self):
        self.sim.control('account', no_funds=True)
        self.refused(self.place(), 400, 'available balance')
        self.sim.control('account', no_funds=False)

    def test_reduce_only_without_a_position_fails(self):
        self.assertEqual(self.status(self.new(order_type='MARKET', price=None, side='SELL',
                                              reduce_only=True)), 'FAILED')


class Triggers(Case):
    def stop(self, **fields):
        return self.place(**{'order_type': 'STOP_MARKET', 'side': 'SELL', 'price': None, 'quantity': 0,
                             'reduce_only': True, 'trigger_price': 55000, **fields})

    def test_closes_the_whole_position(self):
        self.refused(self.stop(), 400, 'no open position')
        self.new(order_type='MARKET', price=None, quantity=0.03)
        i = self.good(self.stop())['order_id']
        self.settle()
        o = self.detail(i)
        self.assertEqual((o['status'], o['quantity'], o['trigger_price']), ('RAISED', '0', '55000'))
        self.sim.control('market', symbol='BTCUSDT', bid='54000', ask='54000.1')
        o = self.detail(i)
        self.assertEqual((o['status'], o['exec_quantity']), ('EXECUTED', '0.03'))
        self.refused((200, self.get('positions', exchange='EXCHANGE_2')[1]), 200, 'no open')

    def test_what_it_must_say(self):
        self.new(order_type='MARKET', price=None, quantity=0.03)
        self.refused(self.stop(quantity=0.03), 422, 'quantity')
        self.refused(self.stop(reduce_only=None), 422, 'reduce_only')
        self.refused(self.stop(trigger_price=None), 422, 'trigger_price')

    def test_cancel_all_takes_it_too(self):
        self.new(order_type='MARKET', price=None, quantity=0.03)
        i = self.good(self.stop())['order_id']
        self.settle()
        self.assertEqual(self.good(self.post('cancel_all')), {'orders_ids': [i]})


class Questions(Case):
    def test_lists_pages_and_windows(self):
        ids = []
        for _ in range(5):
            ids.append(self.new())
            time.sleep(0.002)       # rows are told apart by their milliseconds
        ids.reverse()
        page = self.good(self.post('orders/open', limit=2))
        self.assertEqual([o['order_id'] for o in page['orders']], ids[:2])
        self.assertEqual(page['cursor'], page['orders'][1]['created_at'])
        page = self.good(self.post('orders/open', to_time=page['cursor'], limit=2))
        self.assertEqual([o['order_id'] for o in page['orders']], ids[1:3])
        self.assertEqual(self.good(self.post('orders/closed')), {'orders': [], 'cursor': None})
        self.good(self.post('cancel_all'))
        self.settle()
        closed = self.good(self.post('orders/closed', status='CANCELLED', symbol='BTCUSDT'))
        self.assertEqual(len(closed['orders']), 5)
        self.assertEqual(self.good(self.post('orders/closed', status='EXECUTED'))['orders'], [])
        self.refused(self.post('orders/open', limit=51), 422, 'limit')
        self.refused(self.post('orders/open', from_time=1, to_time=2 + 7 * 86400000), 400, '7 days')

    def test_positions(self):
        self.assertEqual(self.get('positions', exchange='EXCHANGE_2'),
                         (200, {'message': 'There are no open Positions'}))
        self.new(order_type='MARKET', price=None, side='SELL')
        p = self.good(self.get('positions', exchange='EXCHANGE_2', symbol='BTCUSDT'))
        self.assertEqual([(q['position_side'], q['position_size'], q['status']) for q in p],
                         [('SHORT', '0.01', 'OPEN')])
        self.refused((200, self.get('positions', exchange='EXCHANGE_2', symbol='ETHUSDT')[1]), 200,
                     'no open')

    def test_leverage_is_locked_while_in_use(self):
        self.assertEqual(self.good(self.post('leverage', symbol='BTCUSDT', leverage=5))['leverage'], '5')
        self.assertEqual(self.good(self.get('leverage', exchange='EXCHANGE_2', symbol='BTCUSDT')),
                         {'exchange': 'EXCHANGE_2', 'symbol': 'BTCUSDT', 'leverage': '5'})
        for wrong in (0, 26, 1.5, '5'):
            self.assertEqual(self.post('leverage', symbol='BTCUSDT', leverage=wrong)[0], 422)
        self.new()
        self.refused(self.post('leverage', symbol='BTCUSDT', leverage=6), 400, 'open orders')

    def test_money_and_instruments(self):
        self.refused(self.post('add_margin', symbol='BTCUSDT', margin=5), 400, 'no open')
        self.new(order_type='MARKET', price=None)
        self.assertEqual(self.good(self.post('add_margin', symbol='BTCUSDT', margin=5))['margin'], '5')
        rows = self.good(self.get('transactions', exchange='EXCHANGE_2'))
        self.assertEqual([(r['type'], r['amount']) for r in rows], [('COMMISSION', '-0.3000005')])
        self.assertEqual(self.good(self.get('transactions', exchange='EXCHANGE_2', type='P&L')), [])
        wallet = self.good(self.get('wallet_balance'))
        self.assertEqual(wallet['base_asset_balances'][0]['base_asset'], 'USDT')
        info = self.good(self.get('instrument_info', exchange='EXCHANGE_2'))
        self.assertEqual((info['BTCUSDT']['symbol'], info['BTCUSDT']['lot_size'],
                          info['BTCUSDT']['price_precision']), ('btc', '0.001', 1))


class Faults(Case):
    def fault(self, **fields):
        self.sim.control('fault', **{'count': 1, **fields})

    def test_refusals_in_the_venues_words(self):
        self.fault(op='POST order', fault='error', error='400:Amount is more than available balance')
        self.refused(self.place(), 400, 'available balance')
        self.fault(op='POST order', fault='status', status='Please try again')
        self.refused(self.place(), 200, 'try again')    # 200, and no data
        self.fault(op='*', fault='rate_limit')
        self.refused(self.place(), 429, 'Too many')
        self.assertEqual(self.sim.summary(), {})

    def test_message_only_after_acting(self):
        self.fault(op='POST order', fault='status', status='done, perhaps', act=True)
        self.refused(self.place(), 200, 'perhaps')
        self.assertEqual(len(self.sim.summary()), 1)

    def test_answer_lost_with_and_without_the_order(self):
        for fault, count in (('drop', 0), ('act_drop', 1)):
            self.fault(op='POST order', fault=fault)
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                self.place(settle=False)
            self.sim.close()
            self.assertEqual(len(self.sim.summary()), count)

    def test_5xx_and_garbage(self):
        self.fault(op='DELETE order', fault='error_before', http=502)
        status, _, _ = self.sim.request('DELETE', F + 'order', '{}', {})
        self.assertEqual(status, 502)


class Rate(Case):
    arguments = ()

    def count(self, ask, most):
        """How many of `most` calls pass before the first 429."""
        for n in range(most):
            if ask()[0] == 429:
                return n
        return most

    def test_each_endpoint_has_its_minute(self):
        self.assertEqual(self.count(lambda: self.place(settle=False), 30), 20)
        self.assertEqual(self.count(lambda: self.post('order', 'DELETE', order_id='x'), 30), 10)
        self.assertEqual(self.count(lambda: self.post('cancel_all'), 30), 10)
        self.assertEqual(self.count(lambda: self.post('orders/open'), 30), 20)
        self.assertEqual(self.post('orders/closed')[0], 429)    # shared with the open ones
        self.assertEqual(self.get('positions', exchange='EXCHANGE_2')[0], 200)

    def test_factor_stretches_them(self):
        self.sim.control('options', rate_factor=3)
        self.assertEqual(self.count(lambda: self.post('cancel_all'), 40), 30)
        self.sim.control('options', rate_factor=1)


if __name__ == '__main__':
    Case.binary = sys.argv.pop(1)
    unittest.main(verbosity=1)
