"""The simulator's B2PRIME dialect tested by itself, against the vectors and the examples of the fact
sheet.

    python3 test_venuesim_b2prime.py path/to/venuesim        (standard library only)
"""
import base64
import hashlib
import hmac
import http.client
import json
import sys
import time
import unittest

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
from venuesim_client import Sim  # noqa: E402

ACCOUNT, OFFLINE = '6891e70db552ff9c6fbbccf5', 'OFFLINE-TOKEN-EXAMPLE'
OTHER, OTHER_OFFLINE = '67d0456f8c7b1108e4cf5d46', 'ANOTHER-TOKEN'
F = '/frontoffice/api/'
ORDERS = {'spot': F + 'v3/', 'cfd': F + 'cfd/v4/', 'perp': F + 'perpetual/v4/'}
CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
# P3
JWT = ('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI2ODkxZTcwZGI1NTJmZjljNmZiYmNjZjUiLCJpYXQiOjE3'
       'NTQ0ODgwMDAsImV4cCI6MTc1NDQ5MTYwMH0.puwd5H-M1-TjEVyMXbWb-w8zkMr7lhIoVootYJPvZL0')


def jwt(claims, key=b'b2-test-secret'):
    def text(data):
        return base64.urlsafe_b64encode(data).decode().rstrip('=')
    head = text(b'{"alg":"HS256","typ":"JWT"}') + '.' + text(
        json.dumps(claims, separators=(',', ':')).encode())
    return head + '.' + text(hmac.new(key, head.encode(), hashlib.sha256).digest())


def ulid_ms(ulid):
    n = 0
    for letter in ulid[:10]:
        n = n * 32 + CROCKFORD.index(letter)
    return n


class Case(unittest.TestCase):
    """A simulator for each class of tests, emptied before each test."""
    binary = None
    arguments = ('--no-rate-limit', '--account', OTHER + ':' + OTHER_OFFLINE)

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(Case.binary, '--venue', 'b2prime', *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.sim.stop()
        assert code == 0, 'exit code %d' % code

    def setUp(self):
        self.sim.control('reset')
        self.token = self.exchange()[1]['accessToken']

    def exchange(self, token=OFFLINE):
        status, _, text = self.sim.request('POST', F + 'v4/access-token', json.dumps({'token': token}),
                                           {'Content-Type': 'application/json'})
        return status, json.loads(text)

    def raw(self, method, path, body=None, version=None, account=ACCOUNT, token=None, **headers):
        headers = {'Authorization': 'Bearer ' + (token or self.token), **headers}
        if account:
            headers['accountId'] = account
        if version is not None:
            headers['Content-Type'] = 'application/json' + (
                '; x-api-version=' + version if version else '')
        status, _, text = self.sim.request(method, path,
                                           None if body is None else json.dumps(body), headers)
        return status, json.loads(text)

    def good(self, answer):
        self.assertEqual(answer[0], 200, answer)
        return answer[1]

    def refused(self, answer, status, word):
        self.assertEqual((answer[0], answer[1]['status']), (status, status), answer)
        self.assertIn(word, answer[1]['detail'])

    def settle(self):
        while json.loads(self.sim.request('GET', '/sim/stats')[2])['held'] > 0:
            pass

    def order(self, market='spot.btc_usdt', **fields):
        kind = market.split('.')[0]
        order = {'marketId': market, 'side': 'Buy', 'orderType': 'Limit', 'timeInForce': 'Gtc',
                 'requestedPrice': '50000'}
        order.update({'requestedAmount': '0.02'} if kind == 'spot' else
                     {'requestedLotAmount': '1', 'leverage': 10})
        order.update(fields)
        return kind, {'order': {k: v for k, v in order.items() if v is not ...}}

    def place(self, market='spot.btc_usdt', settle=True, **fields):
        kind, body = self.order(market, **fields)
        answer = self.raw('POST', ORDERS[kind] + 'orders', body, '')
        if settle:
            self.settle()
        return answer

    def new(self, *args, **fields):
        return self.good(self.place(*args, **fields))['order']['orderId']

    def market_order(self, market, **fields):
        return self.new(market, orderType='Market', timeInForce='Ioc', requestedPrice=..., **fields)

    def stop(self, market='spot.btc_usdt', **fields):
        fields = {'orderType': 'Market', 'requestedPrice': ..., 'activationPrice': '65000', **fields}
        kind, body = self.order(market, **fields)
        answer = self.raw('POST', ORDERS[kind] + 'stop-orders', body, '4.0')
        self.settle()
        return answer

    def cancel(self, order_id):
        return self.raw('DELETE', F + 'v3/orders/' + order_id)

    def cancel_stop(self, order_id):
        return self.raw('DELETE', F + 'v3/stop-orders/' + order_id, None, '4.0')

    def executions(self, order_id, **fields):
        return self.good(self.raw('POST', F + 'v5/orders/' + order_id + '/executions/list', fields,
                                  '4.0'))['executions']


class Tokens(Case):
    def ask(self, **more):
        return self.raw('GET', F + 'v3/accounts', account=None, **more)

    def test_vectors_of_the_sheet(self):
        claims = {'sub': ACCOUNT, 'iat': 1754488000, 'exp': 1754491600}
        self.assertEqual(jwt(claims), JWT)
        self.assertEqual(ulid_ms('01K1ZTB4DB0S6Y2NH81S781BQX'), 1754488213931)
        body = '{"token":"OFFLINE-TOKEN-EXAMPLE"}'
        self.assertEqual(hashlib.sha256(body.encode()).hexdigest(),
                         '7cde078303a1d92ba5e737807a222432d17ce52db1bf340b9b0f043cae0eb7cc')

    def test_simulator_takes_the_vectors_token_while_it_lives(self):
        self.sim.control('options', clock_offset_ms=1754491599000 - int(time.time() * 1000))
        self.assertEqual(self.ask(token=JWT)[0], 200)
        self.sim.control('options', clock_offset_ms=1754491601000 - int(time.time() * 1000))
        self.refused(self.ask(token=JWT), 401, 'not valid')
        self.sim.control('options', clock_offset_ms=0)

    def test_exchange_gives_an_hour(self):
        claims = json.loads(base64.urlsafe_b64decode(self.token.split('.')[1] + '=='))
        self.assertEqual((claims['sub'], claims['exp'] - claims['iat']), (ACCOUNT, 3600))
        self.assertEqual(self.token, jwt(claims))
        self.assertEqual(self.exchange('nothing')[0], 401)
        self.assertEqual([line['detail'] for line in self.sim.audit()
                          if line['event'] == 'token_issued'], [ACCOUNT])

    def test_wrong_tokens(self):
        self.assertEqual(self.ask()[0], 200)
        claims = {'sub': ACCOUNT, 'iat': 0, 'exp': 4000000000}
        self.assertEqual(self.ask(token=jwt(claims))[0], 200)
        for token in ('x', 'a.b', 'a.b.c', jwt(claims, b'another'), jwt({'sub': ACCOUNT}),
                      self.token[:-2] + ('AA' if self.token[-2:] != 'AA' else 'BB')):
            self.refused(self.ask(token=token), 401, 'not valid')
        self.refused(self.ask(Authorization='Basic ' + self.token), 401, 'not valid')

    def test_account_must_be_the_tokens(self):
        volume = F + 'v3/commission/group-1/account-trading-volume'
        self.assertEqual(self.good(self.raw('GET', volume, None, '4.0')),
                         {'currentTradingVolumeInRAT': '0'})
        self.refused(self.raw('GET', volume, None, '4.0', account=OTHER), 403, 'account')
        self.refused(self.raw('GET', volume, None, '4.0', account=None), 400, 'accountId')
        other = self.exchange(OTHER_OFFLINE)[1]['accessToken']
        self.assertEqual(self.raw('GET', volume, None, '4.0', account=OTHER, token=other)[0], 200)


class Orders(Case):
    def test_spot_example(self):
        order = self.good(self.place(requestedPrice=55193.35, requestedAmount=0.02,
                                     comment='Strategy A'))['order']
        self.assertEqual(sorted(order), sorted(
            ['marketId', 'marketDisplayName', 'orderId', 'orderType', 'side', 'status', 'source',
             'timeInForce', 'commission', 'requestedAmount', 'remainingAmount', 'requestedPrice',
             'executionPrice', 'createdAt', 'updatedAt', 'rejectDetails', 'cancellationDate',
             'fillFactor']))
        self.assertEqual((order['status'], order['requestedPrice'], order['remainingAmount'],
                          order['fillFactor'], order['source']),
                         ('Pending', '55193.35', '0.02', '0', 'Manual'))
        self.assertRegex(order['updatedAt'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$')
        self.assertLess(abs(ulid_ms(order['orderId']) - time.time() * 1000), 5000)

    def test_lot_answers_are_short(self):
        order = self.good(self.place('cfd.eth_eur', side='Sell', requestedPrice='3280'))['order']
        self.assertEqual((sorted(order), order['status']), (['orderId', 'status'], 'Pending'))
        order = self.good(self.place('perp.eth_usdt', orderType='Market', timeInForce='Ioc',
                                     requestedPrice=..., leverage=159))['order']
        self.assertEqual(order['status'], 'Working')
        self.settle()
        self.assertEqual([(x['baseAmount'], x['reason']) for x in self.executions(order['orderId'])],
                         [('0.1', 'Trader')])   # one lot is a tenth: base asset, not lots

    def test_lots_become_base(self):
        i = self.new('cfd.eur_chf', requestedLotAmount='0.1', requestedPrice='0.9')
        order = self.good(self.cancel(i))['order']
        self.assertEqual((order['requestedAmount'], order['status']), ('10000', 'Cancelled'))

    def test_the_same_comment_twice_is_two_orders(self):
        a, b = self.new(comment='FB1|1|a'), self.new(comment='FB1|1|a')
        self.assertNotEqual(a, b)
        self.assertEqual(sorted(self.sim.summary()), sorted([a, b]))
        self.assertEqual(self.sim.summary()[a]['cliOrdId'], 'FB1|1|a')

    def test_cancel_tells_what_became_of_it(self):
        i = self.new()
        self.sim.control('fill', order_id=i, size='0.005')
        order = self.good(self.cancel(i))['order']
        self.assertEqual((order['status'], order['remainingAmount'], order['fillFactor'],
                          order['executionPrice'], order['cancellationDate']),
                         ('Cancelled', '0.015', '0.25', '50000', None))
        self.refused(self.cancel(i), 400, 'already Cancelled')
        self.refused(self.cancel('01K2PF9XS29WN4JZRHMCTTQYJB'), 404, 'not found')
        self.refused(self.cancel_stop(i), 404, 'not found')

    def test_cancel_of_a_filled_order(self):
        i = self.market_order('spot.btc_usdt')
        self.refused(self.cancel(i), 400, 'already Completed')

    def test_cancel_waits_for_the_order_to_arrive(self):
        self.sim.control('market', symbol='spot.btc_usdt', hold_ms=100)
        i = self.good(self.place(settle=False))['order']['orderId']
        self.assertEqual(self.good(self.cancel(i))['order']['status'], 'Cancelled')
        self.settle()
        self.assertEqual([o['status'] for o in self.sim.summary().values()], ['cancelled'])

    def test_ioc_remainder_and_fok(self):
        self.sim.control('market', symbol='spot.btc_usdt', ask='60000', ask_size='0.005')
        i = self.new(timeInForce='Ioc', requestedPrice='60000')
        self.assertEqual([x['baseAmount'] for x in self.executions(i)], ['0.005'])
        self.refused(self.cancel(i), 400, 'already Cancelled')
        i = self.new(timeInForce='Fok', requestedPrice='60000')
        self.refused(self.cancel(i), 400, 'already Cancelled')

    def test_dated_orders_expire(self):
        soon = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 60))
        i = self.new(timeInForce='Gtd', cancellationDate=soon)
        self.sim.control('options', clock_offset_ms=61000)
        self.refused(self.cancel(i), 400, 'already Expired')
        self.sim.control('options', clock_offset_ms=0)

    def test_parameters_of_an_order(self):
        for word, market, fields in (
                ('marketId', 'spot.btc_usdt', dict(marketId=...)),
                ('side', 'spot.btc_usdt', dict(side='buy')),
                ('orderType', 'spot.btc_usdt', dict(orderType='Stop')),
                ('timeInForce', 'spot.btc_usdt', dict(timeInForce='GTC')),
                ('timeInForce', 'spot.btc_usdt',
                 dict(orderType='Market', requestedPrice=..., timeInForce='Day')),
                ('requestedAmount', 'spot.btc_usdt', dict(requestedAmount=...)),
                ('amount scale', 'spot.btc_usdt', dict(requestedAmount='0.0200001')),
                ('minimum', 'spot.btc_usdt', dict(requestedAmount='0.000001')),
                ('maximum', 'spot.btc_usdt', dict(requestedAmount='1001')),
                ('requestedLotAmount', 'spot.btc_usdt', dict(requestedLotAmount='1')),
                ('requestedAmount', 'perp.btc_usdt', dict(requestedAmount='1')),
                ('required', 'perp.btc_usdt', dict(requestedLotAmount='0')),
                ('decimal', 'perp.btc_usdt', dict(requestedLotAmount='1e0')),
                ('required', 'spot.btc_usdt', dict(requestedPrice=None)),
                ('price scale', 'spot.btc_usdt', dict(requestedPrice='50000.001')),
                ('omitted', 'spot.btc_usdt', dict(orderType='Market')),
                ('cancellationDate', 'spot.btc_usdt', dict(timeInForce='Gtd')),
                ('past', 'spot.btc_usdt',
                 dict(timeInForce='Gtd', cancellationDate='2025-08-10T00:00:00Z')),
                ('leverage', 'perp.btc_usdt', dict(leverage=...)),
                ('leverage', 'perp.btc_usdt', dict(leverage='10')),
                ('range', 'perp.btc_usdt', dict(leverage=201)),
                ('leverage', 'spot.btc_usdt', dict(leverage=10)),
                ('stopLoss', 'perp.btc_usdt', dict(stopLoss={})),
                ('comment', 'spot.btc_usdt', dict(comment='x' * 101)),
                ('postOnly', 'spot.btc_usdt', dict(postOnly=True))):
            self.refused(self.place(market, **fields), 400, word)
        self.refused(self.place('spot.xxx_usdt'), 404, 'Market')
        kind, body = self.order('perp.btc_usdt')
        self.refused(self.raw('POST', ORDERS['cfd'] + 'orders', body, ''), 404, 'Market')
        self.assertEqual(self.sim.summary(), {})

    def test_media_type_is_the_documented_one(self):
        kind, body = self.order()
        self.refused(self.raw('POST', ORDERS[kind] + 'orders', body, '4.0'), 415, 'application/json')
        self.refused(self.raw('POST', ORDERS[kind] + 'stop-orders', body, ''), 415, '4.0')
        self.refused(self.raw('DELETE', F + 'v3/stop-orders/x'), 415, '4.0')

    def test_no_funds(self):
        self.sim.control('account', no_funds=True)
        self.refused(self.place(), 400, 'Insufficient')
        self.sim.control('account', no_funds=False)


class Stops(Case):
    def test_spot_answer_and_cancel_that_says_rejected(self):
        order = self.good(self.stop(comment='Strategy A'))['order']
        self.assertEqual((order['status'], order['requestedPrice'], order['activationPrice'],
                          order['comment']), ('WaitingForActivation', '0', '65000', None))
        gone = self.good(self.cancel_stop(order['orderId']))['order']
        self.assertEqual((gone['status'], gone['createdAt'], gone['updatedAt']),
                         ('Rejected', order['createdAt'], order['createdAt']))
        self.refused(self.cancel_stop(order['orderId']), 400, 'already Rejected')
        self.refused(self.cancel(order['orderId']), 404, 'not found')

    def test_activation_makes_another_order(self):
        i = self.good(self.stop('perp.btc_usdt', leverage=22))['order']['orderId']
        self.sim.control('market', symbol='perp.btc_usdt', bid='65999.9', ask='66000')
        self.refused(self.cancel_stop(i), 400, 'already Activated')
        p = self.good(self.raw('POST', F + 'v4/positions/bulk-close', {'mode': 'AllPositions'},
                               '4.0'))['positionIds']
        rows = self.good(self.raw('POST', F + 'v4/positions/%s/executions/list' % p[0], {},
                                  '4.0'))['executions']
        self.assertNotEqual(rows[0]['orderId'], i)


class Positions(Case):
    def position(self, market='perp.btc_usdt', **fields):
        i = self.market_order(market, **fields)
        return self.executions(i)[0]['positionId']

    def act(self, p, verb, body=None, method='POST'):
        answer = self.raw(method, F + 'v4/positions/' + p + verb, body, '4.0')
        self.settle()
        return answer

    def test_close_names_no_order(self):
        p = self.position(requestedLotAmount='3')
        self.assertEqual(self.act(p, '/close', {'closePositionLotAmount': '1'}), (200, {'positionId': p}))
        self.assertEqual(self.act(p, '/close'), (200, {'positionId': p}))   # no body: all of it
        rows = self.good(self.raw('POST', F + 'v4/positions/%s/executions/list' % p, {}, '4.0'))
        self.assertEqual([(x['baseAmount'], x['positionSizeIncreased']) for x in rows['executions']],
                         [('3', True), ('1', False), ('2', False)])
        self.refused(self.act(p, '/close'), 404, 'not found')
        closed = self.good(self.raw('POST', F + 'v4/orders/closed-positions', {}, '4.0'))['orders']
        self.assertEqual([o['positionId'] for o in closed], [p])

    def test_close_in_lots(self):
        p = self.position('cfd.eur_chf', requestedLotAmount='0.1')
        self.refused(self.act(p, '/close', {'closePositionLotAmount': '10000'}), 400, 'fit')
        self.assertEqual(self.act(p, '/close', {'closePositionLotAmount': '0.04'})[0], 200)
        rows = self.good(self.raw('POST', F + 'v4/positions/executions/list', {'positionIds': [p]},
                                  '4.0'))
        self.assertEqual([x['baseAmount'] for x in rows['executions']], ['10000', '4000'])

    def test_bulk_close_by_gain(self):
        p, q = self.position(), self.position('perp.eth_usdt', side='Sell')
        self.sim.control('market', symbol='perp.btc_usdt', bid='61000', ask='61000.1')
        self.sim.control('market', symbol='perp.eth_usdt', bid='3100', ask='3100.01')

        def bulk(mode):
            answer = self.raw('POST', F + 'v4/positions/bulk-close', {'mode': mode}, '4.0')
            self.settle()
            return answer
        self.assertEqual(bulk('PositivePnl'), (200, {'status': 'accepted', 'positionIds': [p]}))
        self.assertEqual(bulk('PositivePnl')[1]['positionIds'], [])
        self.assertEqual(bulk('AllPositions')[1]['positionIds'], [q])
        self.refused(bulk('All'), 400, 'mode')

    def test_a_new_position_has_a_new_id(self):
        p = self.position()
        self.act(p, '/close')
        self.assertNotEqual(self.position(), p)

    def test_triggers_replace_each_other(self):
        p = self.position()
        self.assertEqual(self.act(p, '/triggers', {'stopLoss': {'price': '55000', 'isTrailing': False},
                                                   'takeProfit': {'price': 70000}}, 'PUT'),
                         (200, {'positionId': p}))
        self.act(p, '/triggers', {'takeProfit': {'price': '71000'}}, 'PUT')
        self.sim.control('market', symbol='perp.btc_usdt', bid='54000', ask='54000.1')
        self.assertEqual(self.act(p, '/close', {'closePositionLotAmount': '0.1'})[0], 200)
        self.sim.control('market', symbol='perp.btc_usdt', bid='71500', ask='71500.1')
        self.refused(self.act(p, '/close'), 404, 'not found')

    def test_trigger_data_is_worked_out(self):
        p = self.position(requestedLotAmount='0.5')
        body = {'takeProfit': {'triggerType': 'points', 'triggerSize': 2500},
                'stopLoss': {'triggerType': 'rate', 'triggerSize': '-0.01', 'isTrailing': True}}
        self.assertEqual(self.good(self.act(p, '/trigger-data', body)), {
            'takeProfit': {'price': '60250.1', 'rate': '0.0041', 'points': 2500, 'pnl': '125'},
            'stopLoss': {'price': '59400.1', 'rate': '-0.01', 'points': -6000, 'pnl': '-300.0005'}})


class Questions(Case):
    def data(self, market, version, **fields):
        kind = market.split('.')[0]
        return self.raw('POST', ORDERS[kind] + 'order-data',
                        {'order': {'marketId': market, 'side': 'Buy', 'orderType': 'Limit',
                                   **fields}}, version)

    def test_order_data_examples_of_the_sheet(self):
        self.assertEqual(self.good(self.data('spot.eth_usdt', '3.0', requestedBaseAmount=0.2,
                                             requestedPrice=4600)),
                         {'order': {'baseAmount': '0.2', 'quoteAmount': '920',
                                    'commissionAmount': '9.2', 'total': '929.2'}})
        order = self.good(self.data(
            'perp.btc_usdt', '4.0', leverage=100, requestedLotAmount=0.5, requestedPrice=118450,
            takeProfit={'triggerSize': '0.01', 'triggerType': 'rate'},
            stopLoss={'triggerSize': '-100', 'triggerType': 'pnl', 'isTrailing': False}))['order']
        self.assertEqual((order['requiredMarginInRAT'], order['quoteAmount']), ('592.25', '59225'))
        self.assertEqual(order['takeProfit'], {'price': '119634.5', 'rate': '0.01', 'points': 11845,
                                               'pnl': '592.25'})
        self.assertEqual(order['stopLoss'], {'price': '118250', 'rate': '-0.0016', 'points': -2000,
                                             'pnl': '-100'})
        self.assertEqual(self.sim.summary(), {})

    def test_order_data_sell_in_points_and_price(self):
        self.sim.control('market', symbol='cfd.eth_eur', bid='4004.345', ask='4004.5')
        order = self.good(self.data(
            'cfd.eth_eur', '4.0', side='Sell', orderType='Market', leverage=135,
            requestedLotAmount=1, takeProfit={'triggerSize': 15000, 'triggerType': 'points'},
            stopLoss={'triggerSize': '4020', 'triggerType': 'price'}))['order']
        self.assertEqual(order['quoteAmount'], '4004.345')
        self.assertEqual([order['takeProfit'][k] for k in ('price', 'rate', 'points')],
                         ['3989.345', '0.0037', 15000])
        self.assertEqual([order['stopLoss'][k] for k in ('price', 'rate', 'points')],
                         ['4020', '-0.0039', -15655])

    def test_executions_page(self):
        i = self.new()
        for _ in range(3):
            self.sim.control('fill', order_id=i, size='0.005')
        rows = self.executions(i)
        self.assertEqual(len(rows), 3)
        page = self.good(self.raw('POST', F + 'v4/orders/' + i + '/executions/list',
                                  {'limit': 1, 'lastExecutionId': rows[0]['executionId']}, '4.0'))
        self.assertEqual(([x['executionId'] for x in page['executions']], page['isExceeded']),
                         ([rows[1]['executionId']], True))

    def test_a_venue_that_lists_closing_orders_only(self):
        i = self.new()
        self.sim.control('options', closing_only=True)
        self.refused(self.raw('POST', F + 'v5/orders/' + i + '/executions/list', {}, '4.0'), 404,
                     'not found')

    def test_accounts_and_markets(self):
        accounts = self.good(self.raw('GET', F + 'v3/accounts', account=None))
        self.assertEqual([(a['accountId'], a['accountType']) for a in accounts],
                         [(ACCOUNT, 'Netting')])
        markets = self.good(self.raw('GET', F + 'v5/markets', account=None))
        self.assertEqual(len(markets), 6)
        one = self.good(self.raw('GET', F + 'v5/markets/cfd.eur_chf', account=None))
        self.assertEqual((one['lotSize'], one['priceScale'], one['marketType']), ('100000', 5, 'Cfd'))
        self.assertEqual(self.good(self.raw('GET', F + 'v3/assets', account=None))[0]['isRootAsset'], True)
        self.assertEqual(self.raw('GET', F + 'v3/orders', account=None)[0], 404)   # there is no list


class Faults(Case):
    def fault(self, **fields):
        self.sim.control('fault', **{'count': 1, **fields})

    def test_refusals_in_the_venues_words(self):
        self.fault(op='spot/orders', fault='error', error='400:Session is closed')
        self.refused(self.place(), 400, 'Session is closed')
        self.fault(op='spot/orders', fault='status', status='Rejected')
        self.assertEqual(self.good(self.place())['order']['status'], 'Rejected')
        self.fault(op='*', fault='rate_limit')
        self.refused(self.place(), 429, 'Too many')
        self.assertEqual(self.sim.summary(), {})

    def test_answer_lost_with_and_without_the_order(self):
        for fault, count in (('drop', 0), ('act_drop', 1)):
            self.fault(op='spot/orders', fault=fault)
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                self.place(settle=False)
            self.sim.close()
            self.assertEqual(len(self.sim.summary()), count)


class Rate(Case):
    arguments = ()

    def test_a_second_has_its_budget(self):
        codes = [self.place(settle=False)[0] for _ in range(40)]
        self.assertEqual(codes[:15], [200] * 15)
        self.assertIn(429, codes[15:])


if __name__ == '__main__':
    Case.binary = sys.argv.pop(1)
    unittest.main(verbosity=1)
