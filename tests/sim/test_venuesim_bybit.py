"""The simulator's Bybit dialect tested by itself, with a signing of its own checked against the
fact sheet's vectors B1 to B6.

    python3 test_venuesim_bybit.py path/to/venuesim        (standard library only)
"""
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
from venuesim_client import Sim  # noqa: E402

KEY, SECRET = 'sim-key', 'sim-secret'
VECTOR_KEY, VECTOR_SECRET = 'XXXXXXXXXX', '0123456789abcdefghijklmnopqrstuvwxyz'
VECTORS = [
    ('GET', 'order/realtime', 1763690000000, '5000',
     'category=inverse&symbol=BTCUSD&orderLinkId=FIX-0001',
     '99a6c7e5f9ffb09dcd0adbf0eb9ab8ec7295b9549b159e1d9f765063ad4e23c5'),
    ('POST', 'order/create', 1763690000001, '5000',
     '{"category":"inverse","symbol":"BTCUSD","side":"Buy","orderType":"Limit","qty":"100",'
     '"price":"30000","timeInForce":"GTC","orderLinkId":"FIX-0001","positionIdx":0}',
     '8f3806eb059e139a6b08dac0172a7470d746a7ec42d1229db588843ad3404446'),
    ('POST', 'order/cancel-all', 1763690000002, '10000',
     '{"category":"inverse","symbol":"BTCUSD","orderFilter":"StopOrder"}',
     '8a700ba678f2e86b2a6f391a9a38de1d167f681ced8f5aea6538fbf5963d96ae'),
    ('GET', 'position/list', 1763690000003, '5000', 'category=inverse',
     'db8f7d799b93c616db64a77547b5e496b5fd55e475b037e5a2094ab77234234f'),
    ('GET', 'execution/list', 1763690000004, '5000',
     'category=inverse&symbol=BTCUSD&limit=100&cursor=132766%3A2%2C132766%3A2',
     '5d46b194f04a2ae3754ee4c03496a48e7c6679579adf0e4e39d3719a2dac0b70'),
    ('GET', 'account/query-dcp-info', 1763690000005, '5000', '',
     '931d5ae611831c1e9a3791ae097c87664aa15bc99ce8aef9925a34e7ac511bc5'),
]


def sign(secret, stamp, key, window, payload):
    text = '%s%s%s%s' % (stamp, key, window, payload)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Case(unittest.TestCase):
    """A simulator for each class of tests, emptied before each test."""
    binary = None
    arguments = ('--no-rate-limit', '--account', VECTOR_KEY + ':' + VECTOR_SECRET,
                 '--account', 'maker:maker-secret')

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(Case.binary, '--venue', 'bybit', *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.sim.stop()
        assert code == 0, 'exit code %d' % code

    def setUp(self):
        self.sim.control('reset')

    def raw(self, method, op, payload, key=KEY, secret=SECRET, stamp=None, window='5000', **more):
        stamp = str(int(time.time() * 1000)) if stamp is None else str(stamp)
        headers = {'X-BAPI-API-KEY': key, 'X-BAPI-TIMESTAMP': stamp, 'X-BAPI-RECV-WINDOW': window,
                   'X-BAPI-SIGN': more.get('signature') or
                   sign(secret, stamp, key, window, payload)}
        path = '/v5/' + op
        if method == 'GET':
            return self.sim.request('GET', path + ('?' + payload if payload else ''), None, headers)
        headers['Content-Type'] = 'application/json'
        return self.sim.request('POST', path, payload, headers)

    def post(self, op, **fields):
        status, _, text = self.raw('POST', op, json.dumps(fields))
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def get(self, op, query=''):
        status, _, text = self.raw('GET', op, query)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def settle(self):
        """Until the engine has done everything that was acknowledged."""
        while json.loads(self.sim.request('GET', '/sim/stats')[2])['held'] > 0:
            pass

    def create(self, link=None, settle=True, **fields):
        order = {'category': 'inverse', 'symbol': 'BTCUSD', 'side': 'Buy', 'orderType': 'Limit',
                 'qty': '100', 'price': '50000'}
        if link is not None:
            order['orderLinkId'] = link
        order.update(fields)
        answer = self.post('order/create', **{k: v for k, v in order.items() if v is not None})
        if settle:
            self.settle()
        return answer

    def refused(self, code, **fields):
        answer = self.create(**fields)
        self.assertEqual(answer['retCode'], code, answer)
        self.assertEqual(answer['result'], {})
        return answer['retMsg']

    def order(self, link, category='inverse', symbol='BTCUSD'):
        rows = self.get('order/realtime', 'category=%s&symbol=%s&orderLinkId=%s' %
                        (category, symbol, link))['result']['list']
        return rows[0] if rows else None

    def status(self, link, **more):
        return self.order(link, **more)['orderStatus']

    def cancel(self, link, settle=True, **more):
        answer = self.post('order/cancel', **{'category': 'inverse', 'symbol': 'BTCUSD',
                                              'orderLinkId': link, **more})
        if settle:
            self.settle()
        return answer

    def links(self, query='category=inverse'):
        return [o['orderLinkId'] for o in self.get('order/realtime', query)['result']['list']]


class Signature(Case):
    def test_vectors_of_the_sheet(self):
        for _, _, stamp, window, payload, signature in VECTORS:
            self.assertEqual(sign(VECTOR_SECRET, stamp, VECTOR_KEY, window, payload), signature)

    def test_simulator_accepts_the_vectors_bytes(self):
        offset = 1763690000500 - int(time.time() * 1000)
        self.sim.control('options', clock_offset_ms=offset)
        for method, op, stamp, window, payload, signature in VECTORS:
            status, _, text = self.raw(method, op, payload, VECTOR_KEY, '', stamp, window,
                                       signature=signature)
            self.assertEqual((status, json.loads(text)['retCode']), (200, 0), text)
        self.sim.control('options', clock_offset_ms=0)

    def code(self, *args, **more):
        status, _, text = self.raw(*args, **more)
        return status, json.loads(text)['retCode']

    def test_wrong_key_signature_and_time(self):
        query = 'category=inverse'
        now = int(time.time() * 1000)
        self.assertEqual(self.code('GET', 'order/realtime', query, key='nobody'), (200, 10003))
        self.assertEqual(self.code('GET', 'order/realtime', query, secret='x'), (200, 10004))
        self.assertEqual(self.code('GET', 'order/realtime', query, stamp=now - 6000), (200, 10002))
        self.assertEqual(self.code('GET', 'order/realtime', query, stamp=now + 3000), (200, 10002))
        self.assertEqual(self.code('GET', 'order/realtime', query, stamp=now - 6000,
                                   window='10000'), (200, 0))
        status, _, text = self.sim.request('GET', '/v5/order/realtime?category=inverse')
        self.assertEqual((status, json.loads(text)['retCode']), (401, 10003))

    def test_get_with_body_and_bad_requests(self):
        status, _, _ = self.sim.request('GET', '/v5/market/time', '{}',
                                        {'Content-Type': 'application/json'})
        self.assertEqual(status, 403)
        self.assertEqual(self.code('POST', 'order/create', '[]'), (400, 10001))
        self.assertEqual(self.code('GET', 'order/realtime', 'category=inverse&colour=red'),
                         (200, 10001))
        status, _, text = self.sim.request('GET', '/v5/nothing')
        self.assertEqual((status, json.loads(text)['retCode']), (404, 10017))


class Orders(Case):
    def test_acknowledged_then_on_the_book(self):
        self.sim.control('market', symbol='BTCUSD', hold_ms=100)
        answer = self.create('a', settle=False)
        self.assertEqual((answer['retCode'], answer['retMsg']), (0, 'OK'))
        self.assertEqual(sorted(answer['result']), ['orderId', 'orderLinkId'])
        self.assertEqual(answer['retExtInfo'], {})
        self.assertIsNone(self.order('a'))      # not to be seen yet
        self.settle()
        o = self.order('a')
        self.assertEqual((o['orderStatus'], o['leavesQty'], o['price'], o['timeInForce']),
                         ('New', '100', '50000.00', 'GTC'))
        self.assertEqual(o['orderId'], answer['result']['orderId'])
        self.assertEqual(o['createType'], 'CreateByUser')

    def test_fill_and_executions(self):
        self.create('a')
        self.sim.control('fill', cliOrdId='a', size='40')
        o = self.order('a')
        self.assertEqual((o['orderStatus'], o['cumExecQty'], o['leavesQty']),
                         ('PartiallyFilled', '40', '60'))
        self.assertEqual(o['cumExecValue'], '0.0008')       # 40 / 50000 in the base coin
        self.sim.control('fill', cliOrdId='a')
        self.assertEqual(self.status('a'), 'Filled')
        rows = self.get('execution/list', 'category=inverse&symbol=BTCUSD')['result']['list']
        self.assertEqual([(x['execQty'], x['isMaker'], x['execType']) for x in rows],
                         [('60', True, 'Trade'), ('40', True, 'Trade')])
        self.assertEqual(rows[0]['feeCurrency'], '')
        self.assertGreater(rows[0]['seq'], rows[1]['seq'])
        self.assertEqual(self.get('execution/list', 'category=linear')['result']['list'], [])
        p = self.get('position/list', 'category=inverse')['result']['list']
        self.assertEqual([(x['symbol'], x['side'], x['size'], x['avgPrice']) for x in p],
                         [('BTCUSD', 'Buy', '100', '50000.00')])

    def test_market_and_linear(self):
        self.create('m', category='linear', symbol='BTCUSDT', orderType='Market', qty='0.5',
                    price=None)
        o = self.order('m', 'linear', 'BTCUSDT')
        self.assertEqual((o['orderStatus'], o['avgPrice'], o['timeInForce'], o['orderType']),
                         ('Filled', '60000.10', 'IOC', 'Market'))
        rows = self.get('execution/list', 'category=linear&orderLinkId=m')['result']['list']
        self.assertEqual((rows[0]['feeCurrency'], rows[0]['execValue'], rows[0]['isMaker']),
                         ('USDT', '30000.05', False))

    def test_average_price_of_inverse_is_harmonic(self):
        self.create('a', qty='3')
        self.sim.control('fill', cliOrdId='a', size='1')
        self.assertEqual(self.order('a')['avgPrice'], '50000.00')
        self.sim.control('fill', cliOrdId='a', size='2', price='40000')
        o = self.order('a')
        self.assertEqual((o['avgPrice'], o['cumExecValue']), ('42857.1429', '0.00007'))

    def test_engine_results_after_the_acknowledgement(self):
        self.create('post', price='61000', timeInForce='PostOnly')
        o = self.order('post')
        self.assertEqual((o['orderStatus'], o['rejectReason'], o['cancelType']),
                         ('Cancelled', 'EC_PostOnlyWillTakeLiquidity', 'UNKNOWN'))
        self.create('ioc', timeInForce='IOC')
        self.assertEqual(self.order('ioc')['rejectReason'], 'EC_NoImmediateQtyToFill')
        self.sim.control('market', symbol='BTCUSD', ask='60000.5', size='10')
        self.create('fok', price='60001', timeInForce='FOK')
        self.assertEqual(self.order('fok')['rejectReason'], 'EC_CancelForNoFullFill')
        self.create('part', price='60001', timeInForce='IOC')
        o = self.order('part')
        self.assertEqual((o['orderStatus'], o['cumExecQty'], o['leavesQty']),
                         ('Cancelled', '10', '0'))

    def test_refused_at_once(self):
        self.create('a')
        self.refused(110072, link='a')
        self.refused(10001, qty='0.5')
        self.refused(10001, qty=100)                    # a number where a string belongs
        self.refused(10001, price='50000.3')
        self.refused(10001, price=None)
        self.refused(10001, link='x' * 37)
        self.refused(10001, link='a.b')
        self.refused(10001, positionIdx=1)
        self.refused(10001, side='buy')
        self.assertIn('symbol', self.refused(10001, symbol='BTCUSDT'))
        self.refused(10001, category='spot')
        self.refused(110017, side='Sell', reduceOnly=True)
        self.sim.control('account', no_funds=True)
        self.refused(110007, link='b')
        self.sim.control('account', no_funds=False)
        self.sim.control('suspend', symbol='BTCUSD')
        self.refused(110066, link='b')
        self.assertEqual(self.links(), ['a'])

    def test_amend(self):
        self.create('a')
        answer = self.post('order/amend', category='inverse', symbol='BTCUSD', orderLinkId='a',
                           qty='300', price='50001')
        self.assertEqual(answer['retCode'], 0)
        self.settle()
        o = self.order('a')
        self.assertEqual((o['qty'], o['price'], o['orderLinkId']), ('300', '50001.00', 'a'))
        self.sim.control('fill', cliOrdId='a', size='200')
        for code, fields in ((110064, {'qty': '200'}), (10001, {'qty': '300'}),
                             (10001, {'price': '1.3'})):
            answer = self.post('order/amend', category='inverse', symbol='BTCUSD',
                               orderLinkId='a', **fields)
            self.assertEqual(answer['retCode'], code, answer)
        answer = self.post('order/amend', category='inverse', symbol='BTCUSD', orderLinkId='zz',
                           qty='1')
        self.assertEqual(answer['retCode'], 110001)

    def test_cancel_and_race(self):
        self.create('a')
        self.assertEqual(self.cancel('a')['result']['orderLinkId'], 'a')
        o = self.order('a')
        self.assertEqual((o['orderStatus'], o['rejectReason'], o['cancelType']),
                         ('Cancelled', 'EC_PerCancelRequest', 'CancelByUser'))
        self.assertEqual(self.cancel('a')['retCode'], 110001)
        self.sim.control('market', symbol='BTCUSD', hold_ms=200)
        self.create('b')
        self.assertEqual(self.cancel('b', settle=False)['retCode'], 0)
        self.sim.control('fill', cliOrdId='b')          # the fill comes first
        self.settle()
        o = self.order('b')
        self.assertEqual((o['orderStatus'], o['rejectReason'], o['cancelType']),
                         ('Filled', 'EC_OrigClOrdIDDoesNotExist', 'CancelByUser'))
        self.assertIn('cancel_too_late', [e['event'] for e in self.sim.audit()])

    def test_cancel_all(self):
        self.create('a')
        self.create('b', symbol='ETHUSD', price='2000')
        self.create('stop', side='Sell', orderType='Market', price=None, triggerPrice='59000',
                    triggerDirection=2)
        answer = self.post('order/cancel-all', category='inverse')
        self.assertEqual(answer['retCode'], 10001)
        answer = self.post('order/cancel-all', category='inverse', symbol='BTCUSD',
                           orderFilter='Order')
        self.assertEqual([x['orderLinkId'] for x in answer['result']['list']], ['a'])
        self.assertEqual(answer['result']['success'], '1')
        self.settle()
        self.assertEqual(sorted(self.links()), ['b', 'stop'])
        answer = self.post('order/cancel-all', category='inverse', settleCoin='BTC',
                           orderFilter='StopOrder', stopOrderType='Stop')
        self.assertEqual([x['orderLinkId'] for x in answer['result']['list']], ['stop'])
        self.settle()
        self.assertEqual(self.status('stop'), 'Deactivated')

    def test_cancel_all_picks_five_hundred(self):
        self.sim.control('market', symbol='BTCUSD', hold_ms=0)
        self.sim.control('market', symbol='BTCUSDH27', hold_ms=0)
        for n in range(499):
            self.create('a%d' % n, settle=False)
        for n in range(21):
            self.create('b%d' % n, symbol='BTCUSDH27', settle=False)
        counts = []
        while not counts or counts[-1]:
            answer = self.post('order/cancel-all', category='inverse', baseCoin='BTC')
            counts.append(len(answer['result']['list']))
        self.assertEqual(counts, [500, 20, 0])
        self.assertEqual(self.links(), [])

    def test_five_hundred_orders_a_symbol(self):
        self.sim.control('market', symbol='BTCUSD', hold_ms=0)
        for n in range(500):
            self.assertEqual(self.create(settle=False)['retCode'], 0)
        self.assertEqual(self.create(settle=False)['retCode'], 110020)

    def test_price_band(self):
        self.sim.control('market', symbol='BTCUSD', bid='60000', ask='60001', collar_percent='1')
        self.create('a', side='Sell', price='59000')      # silently moved up into the band
        self.assertEqual(self.order('a')['price'], '59400.50')
        config = self.get('account/user-setting-config')['result']
        self.assertIs(config['lpaPerp'], False)
        self.assertEqual(self.post('account/set-limit-px-action', category='inverse',
                                   modifyEnable=False)['retCode'], 0)
        self.assertIs(self.get('account/user-setting-config')['result']['lpaPerp'], True)
        self.refused(110003, side='Sell', price='59000')
        limit = self.get('market/price-limit', 'category=inverse&symbol=BTCUSD')['result']
        self.assertEqual((limit['buyLmt'], limit['sellLmt']), ('60600.50', '59400.00'))

    def test_self_trade_prevention(self):
        self.create('rest', side='Sell', price='60000.5', qty='100')
        self.sim.control('market', symbol='BTCUSD', ask=None)
        self.create('taker', price='60000.5', smpType='CancelTaker')
        o = self.order('taker')
        self.assertEqual((o['orderStatus'], o['cancelType']), ('Cancelled', 'CancelBySmp'))

    def test_self_trade_cancels_the_maker(self):
        self.sim.control('market', symbol='BTCUSD', ask=None)
        self.create('rest', side='Sell', price='60100')
        self.create('taker', price='60100', smpType='CancelMaker')
        self.assertEqual(self.order('rest')['cancelType'], 'CancelBySmp')
        self.assertEqual(self.status('taker'), 'New')

    def test_unsolicited_cancel(self):
        self.create('a')
        self.sim.control('cancel', cliOrdId='a', reason='DEAD_MAN_SWITCH')
        self.assertEqual(self.order('a')['cancelType'], 'CancelByDCP')
        self.sim.control('foreign', symbol='BTCUSD', side='buy', size='5', price='50000')
        self.assertEqual(self.links(), [''])


class Conditional(Case):
    def test_trigger_direction(self):
        self.create('stop', side='Sell', orderType='Market', price=None, qty='10',
                    triggerPrice='59000', triggerDirection=2, triggerBy='MarkPrice')
        o = self.order('stop')
        self.assertEqual((o['orderStatus'], o['stopOrderType'], o['triggerDirection'],
                          o['triggerBy'], o['createType']),
                         ('Untriggered', 'Stop', 2, 'MarkPrice', 'CreateByStopOrder'))
        self.create('tp', side='Sell', qty='10', price='61000', triggerPrice='61000',
                    triggerDirection=1)
        self.assertEqual(sorted(self.links('category=inverse&orderFilter=StopOrder')),
                         ['stop', 'tp'])
        self.assertEqual(self.links('category=inverse&orderFilter=Order'), [])
        self.sim.control('market', symbol='BTCUSD', bid='58999', ask='59000', mark='58999')
        self.assertEqual(self.status('stop'), 'Filled')
        self.sim.control('market', symbol='BTCUSD', bid='60999', ask='61000', last='61000')
        self.assertEqual(self.status('tp'), 'New')

    def test_wrong_side_and_limit_of_ten(self):
        base = {'side': 'Sell', 'orderType': 'Market', 'price': None}
        self.refused(110093, triggerPrice='61000', triggerDirection=2, **base)
        self.refused(110092, triggerPrice='59000', triggerDirection=1, **base)
        self.refused(10001, triggerPrice='59000', **base)
        for n in range(10):
            self.create('s%d' % n, triggerPrice='59000', triggerDirection=2, **base)
        self.refused(110009, link='s10', triggerPrice='59000', triggerDirection=2, **base)

    def test_amend_trigger_price(self):
        self.create('stop', side='Sell', orderType='Market', price=None, triggerPrice='59000',
                    triggerDirection=2)
        self.post('order/amend', category='inverse', symbol='BTCUSD', orderLinkId='stop',
                  triggerPrice='58000')
        self.settle()
        self.assertEqual(self.order('stop')['triggerPrice'], '58000.00')


class Positions(Case):
    def buy(self):
        self.create('open', orderType='Market', price=None)

    def stops(self):
        rows = self.get('order/realtime', 'category=inverse&orderFilter=StopOrder')
        return sorted((o['stopOrderType'], o['triggerPrice'], o['orderLinkId'])
                      for o in rows['result']['list'])

    def set_stop(self, **fields):
        return self.post('position/trading-stop', category='inverse', symbol='BTCUSD',
                         tpslMode='Full', positionIdx=0, **fields)['retCode']

    def test_trading_stop(self):
        self.assertEqual(self.set_stop(stopLoss='59000'), 10001)       # no position
        self.buy()
        self.assertEqual(self.set_stop(takeProfit='65000', stopLoss='59000'), 0)
        self.assertEqual(self.set_stop(stopLoss='59000'), 34040)
        self.assertEqual(self.set_stop(stopLoss='58000'), 0)
        self.assertEqual(self.set_stop(stopLoss='66000'), 10001)
        self.assertEqual(self.stops(), [('StopLoss', '58000.00', ''),
                                        ('TakeProfit', '65000.00', '')])
        self.assertEqual(self.set_stop(trailingStop='500'), 0)
        self.assertEqual(len(self.stops()), 3)
        row = self.get('position/list', 'category=inverse&symbol=BTCUSD')['result']['list'][0]
        self.assertEqual((row['takeProfit'], row['stopLoss'], row['trailingStop']),
                         ('65000.00', '58000.00', '500.00'))
        self.assertEqual(self.set_stop(takeProfit='0', trailingStop='0'), 0)
        self.assertEqual([s[0] for s in self.stops()], ['StopLoss'])
        self.sim.control('market', symbol='BTCUSD', bid='57999', ask='58000', last='57999')
        row = self.get('position/list', 'category=inverse&symbol=BTCUSD')['result']['list'][0]
        self.assertEqual((row['size'], row['side']), ('0', ''))

    def test_stops_vanish_with_the_position(self):
        self.buy()
        self.set_stop(stopLoss='59000')
        self.create('close', side='Sell', orderType='Market', price=None, qty='0', reduceOnly=True,
                    closeOnTrigger=True)
        self.assertEqual(self.status('close'), 'Filled')
        self.assertEqual(self.stops(), [])

    def test_attached_stops(self):
        self.create('a', orderType='Market', price=None, takeProfit='65000', stopLoss='59000')
        self.assertEqual([s[0] for s in self.stops()], ['StopLoss', 'TakeProfit'])
        self.refused(10001, link='b', takeProfit='40000')

    def test_leverage(self):
        def set_to(value):
            return self.post('position/set-leverage', category='inverse', symbol='BTCUSD',
                             buyLeverage=value, sellLeverage=value)['retCode']
        self.assertEqual(set_to('10'), 110043)
        self.assertEqual(set_to('25'), 0)
        info = self.get('position/symbol-info', 'category=inverse&symbol=BTCUSD')['result']
        self.assertEqual(info['list'][0]['leverage'], '25')
        self.assertEqual(set_to('500'), 10001)


class Batch(Case):
    def items(self, *items):
        return [{'symbol': 'BTCUSD', 'side': 'Buy', 'orderType': 'Limit', 'qty': '10',
                 'price': '50000', **i} for i in items]

    def test_per_item_results(self):
        answer = self.post('order/create-batch', category='inverse',
                           request=self.items({'orderLinkId': 'a'},
                                              {'orderLinkId': 'b', 'qty': '0.1'},
                                              {'orderLinkId': 'c'}))
        self.assertEqual(answer['retCode'], 0)
        self.assertEqual([x['code'] for x in answer['retExtInfo']['list']], [0, 10001, 0])
        rows = answer['result']['list']
        self.assertEqual([x['orderLinkId'] for x in rows], ['a', 'b', 'c'])
        self.assertEqual((rows[1]['orderId'], rows[1]['createAt']), ('', ''))
        self.settle()
        self.assertEqual(sorted(self.links()), ['a', 'c'])
        answer = self.post('order/amend-batch', category='inverse',
                           request=[{'symbol': 'BTCUSD', 'orderLinkId': 'a', 'price': '50001'}])
        self.assertEqual(answer['retExtInfo']['list'], [{'code': 0, 'msg': 'OK'}])
        answer = self.post('order/cancel-batch', category='inverse',
                           request=[{'symbol': 'BTCUSD', 'orderLinkId': 'a'},
                                    {'symbol': 'BTCUSD', 'orderLinkId': 'zz'}])
        self.assertEqual([x['code'] for x in answer['retExtInfo']['list']], [0, 110001])
        self.settle()
        self.assertEqual(self.links(), ['c'])

    def test_faults_on_items_and_engine(self):
        self.sim.control('fault', op='order/create-batch', fault='status', status='110007:no money',
                         count=1)
        answer = self.post('order/create-batch', category='inverse', request=self.items({}, {}))
        self.assertEqual(answer['retExtInfo']['list'],
                         [{'code': 110007, 'msg': 'no money'}] * 2)
        self.sim.control('fault', op='order/create', fault='status',
                         status='EC_ReachRiskPriceLimit', count=1)
        self.assertEqual(self.create('x')['retCode'], 0)
        o = self.order('x')
        self.assertEqual((o['orderStatus'], o['rejectReason']),
                         ('Rejected', 'EC_ReachRiskPriceLimit'))


class Queries(Case):
    def test_pages_by_cursor(self):
        for n in range(5):
            self.create('a%d' % n)
        seen, cursor = [], ''
        while True:
            query = 'category=inverse&limit=2' + ('&cursor=' + cursor if cursor else '')
            result = self.get('order/realtime', query)['result']
            seen += [o['orderLinkId'] for o in result['list']]
            cursor = result['nextPageCursor']
            if not cursor:
                break
            self.assertIn('%3A', cursor)
        self.assertEqual(seen, ['a4', 'a3', 'a2', 'a1', 'a0'])

    def test_executions_by_cursor_and_time(self):
        self.create('a')
        for _ in range(4):
            self.sim.control('fill', cliOrdId='a', size='10')
        result = self.get('execution/list', 'category=inverse&limit=3')['result']
        self.assertEqual(len(result['list']), 3)
        more = self.get('execution/list', 'category=inverse&limit=3&cursor=' +
                        result['nextPageCursor'])['result']
        self.assertEqual((len(more['list']), more['nextPageCursor']), (1, ''))
        now = int(time.time() * 1000)
        self.assertEqual(self.get('execution/list', 'category=inverse&startTime=%d' % (now + 60000))
                         ['result']['list'], [])
        self.assertEqual(self.get('execution/list', 'category=inverse&startTime=1&endTime=%d' % now)
                         ['retCode'], 10001)

    def test_closed_orders(self):
        self.create('a')
        self.cancel('a')
        self.create('b')
        self.assertEqual(self.links(), ['b'])
        self.assertEqual(self.links('category=inverse&openOnly=1'), ['a'])
        rows = self.get('order/history', 'category=inverse')['result']['list']
        self.assertEqual([o['orderLinkId'] for o in rows], ['a'])
        self.sim.control('options', status_memory_ms=0)        # the venue's cache is emptied
        self.assertIsNone(self.order('a'))
        rows = self.get('order/history', 'category=inverse&orderLinkId=a')['result']['list']
        self.assertEqual([o['orderStatus'] for o in rows], ['Cancelled'])
        self.sim.control('options', status_memory_ms=1000000000)
        self.assertEqual(self.get('order/realtime', 'category=linear')['retCode'], 10001)

    def test_market_data(self):
        result = self.get('market/time')
        self.assertLess(abs(int(result['result']['timeSecond']) - time.time()), 5)
        rows = self.get('market/instruments-info', 'category=inverse')['result']['list']
        self.assertEqual([r['symbol'] for r in rows], ['BTCUSD', 'ETHUSD', 'BTCUSDH27'])
        self.assertEqual((rows[0]['priceFilter']['tickSize'], rows[0]['lotSizeFilter']['qtyStep'],
                          rows[0]['settleCoin'], rows[0]['status']),
                         ('0.50', '1', 'BTC', 'Trading'))
        page = self.get('market/instruments-info', 'category=linear&limit=2')['result']
        rest = self.get('market/instruments-info', 'category=linear&limit=2&cursor=' +
                        page['nextPageCursor'])['result']
        self.assertEqual([r['symbol'] for r in page['list'] + rest['list']],
                         ['BTCUSDT', 'ETHUSDT', 'BTCPERP'])
        self.assertEqual(rest['nextPageCursor'], '')

    def test_account(self):
        self.assertEqual(self.get('account/info')['result']['unifiedMarginStatus'], 5)
        self.assertEqual(self.get('account/query-dcp-info')['result']['dcpInfos'], [])
        self.assertEqual(self.post('order/disconnected-cancel-all', product='DERIVATIVES',
                                   timeWindow=40)['retMsg'], 'success')
        self.assertEqual(self.get('account/query-dcp-info')['result']['dcpInfos'],
                         [{'product': 'DERIVATIVES', 'dcpStatus': 'ON', 'timeWindow': '40'}])
        self.assertEqual(self.get('account/smp-group')['result'], {'smpGroup': 0})


class Faults(Case):
    def test_acts_then_drops(self):
        self.sim.control('fault', op='order/create', fault='act_drop', count=1)
        with self.assertRaises(Exception):
            self.create('a')
        self.settle()
        self.assertEqual(self.status('a'), 'New')
        self.assertEqual(self.create('a')['retCode'], 110072)
        self.assertEqual(self.sim.summary()['a']['duplicates_refused'], 1)

    def test_drops_without_acting(self):
        self.sim.control('fault', op='order/create', fault='drop', count=1)
        with self.assertRaises(Exception):
            self.create('a')
        self.settle()
        self.assertIsNone(self.order('a'))

    def test_errors_in_the_venues_words(self):
        self.sim.control('fault', op='order/create', fault='error', error='10016', count=1)
        self.refused(10016, link='a')
        self.sim.control('fault', op='order/cancel', fault='rate_limit', count=1)
        self.create('a')
        self.assertEqual(self.cancel('a')['retCode'], 10006)
        self.sim.control('fault', op='order/create', fault='error', error='10000:timeout', act=True,
                         count=1)
        self.refused(10000, link='b')
        self.assertEqual(self.status('b'), 'New')       # it was carried out
        self.sim.control('fault', op='order/create', fault='rate_limit_429', count=1)
        self.assertEqual(self.raw('POST', 'order/create', '{}')[0], 429)


class Budgets(Case):
    arguments = ()

    def test_user_limit_and_headers(self):
        codes, headers = [], None
        for _ in range(12):
            _, headers, text = self.raw('POST', 'order/cancel', json.dumps(
                {'category': 'inverse', 'symbol': 'BTCUSD', 'orderLinkId': 'none'}))
            codes.append(json.loads(text)['retCode'])
            if codes[-1] == 10006:
                break
        self.assertEqual(codes, [110001] * 10 + [10006])
        self.assertEqual((headers['X-Bapi-Limit'], headers['X-Bapi-Limit-Status']), ('10', '0'))
        self.assertGreater(int(headers['X-Bapi-Limit-Reset-Timestamp']), time.time() * 1000)
        _, headers, _ = self.raw('GET', 'position/list', 'category=inverse')
        self.assertEqual((headers['X-Bapi-Limit'], headers['X-Bapi-Limit-Status']), ('50', '49'))

    def test_batch_spends_by_the_item(self):
        item = {'symbol': 'BTCUSD', 'side': 'Buy', 'orderType': 'Limit', 'qty': '1',
                'price': '50000'}
        answer = self.post('order/create-batch', category='inverse', request=[item] * 12)
        self.assertEqual([x['code'] for x in answer['retExtInfo']['list']], [0] * 10 + [10006] * 2)
        self.settle()

    def test_ban_of_the_address(self):
        statuses = [self.sim.request('GET', '/v5/market/time')[0] for _ in range(602)]
        self.assertEqual((statuses[599], statuses[600], statuses[601]), (200, 403, 403))
        self.sim.control('reset')
        self.assertEqual(self.sim.request('GET', '/v5/market/time')[0], 200)
        self.sim.control('options', ban_ms=600000)
        status, headers, text = self.sim.request('GET', '/v5/market/time')
        self.assertEqual((status, headers['Content-Type']), (403, 'text/plain'))
        self.assertIn('access too frequent', text)


class Process(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([Case.binary, *arguments], capture_output=True, text=True, timeout=10,
                              check=False)

    def test_help_tells_the_credentials(self):
        text = self.run_it('--help').stdout
        for word in ('sim-key', 'sim-secret', 'sim-pass', 'bybit', 'bitget-mix-v1'):
            self.assertIn(word, text)

    def test_unknown_venue(self):
        self.assertEqual(self.run_it('--venue', 'nowhere').returncode, 2)

    def test_stops_with_results_outstanding(self):
        class Slow(Case):
            def runTest(self):
                self.sim.control('market', symbol='BTCUSD', hold_ms=600000)
                self.create('a', settle=False)

        Slow.setUpClass()
        Slow('runTest').debug()
        Slow.tearDownClass()


if __name__ == '__main__':
    Case.binary = os.path.abspath(sys.argv.pop(1))
    unittest.main()
