"""The simulator's two Bitget dialects tested by themselves (bitget: the v2 API; bitget-mix-v1: the
seed's), with a signing of its own checked against the fact sheet's vectors V1 to V7.

    python3 test_venuesim_bitget.py path/to/venuesim        (standard library only)
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import unittest

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
from venuesim_client import Sim  # noqa: E402

KEY, SECRET, PASS = 'sim-key', 'sim-secret', 'sim-pass'
V1, V2 = '/api/mix/v1/', '/api/v2/mix/'
VECTOR_SECRET = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
VECTORS = [
    ('bitget-mix-v1', 1621441751927, 'POST', V1 + 'order/placeOrder', '',
     '{"symbol":"BTCUSDT","side":"buy","orderType":"limit","price":"30000.50","size":"0.123",'
     '"leverage":"10","marginMode":"isolated","reduceOnly":false}',
     'J6mPAdMOw2ROuQ3XRKlQdniHy1BlyXiRdnA4cco4Yso=', '00000'),
    ('bitget-mix-v1', 1621441751927, 'GET', V1 + 'order/detail',
     'orderId=123456789&symbol=BTCUSDT', '', 'YHoH8GoTpzH7bazFsZT+UmKexZozbeIsXP3MTQmVEx8=',
     '60006'),
    ('bitget-mix-v1', 1621441751927, 'POST', V1 + 'order/cancelAll', '', '{"symbol":"BTCUSDT"}',
     'nqLt1/YdFg132ltz3g5Q0Z4X6d2il9j497Pl0WPJ3GI=', '00000'),
    ('bitget', 1695806875837, 'POST', V2 + 'order/place-order', '',
     '{"symbol":"ETHUSDT","productType":"USDT-FUTURES","marginMode":"isolated",'
     '"marginCoin":"USDT","size":"0.1","price":"2000","side":"sell","tradeSide":"open",'
     '"orderType":"limit","force":"gtc","clientOid":"FB-20260101-000001"}',
     'JMQ6xiKVaHAp4C22gHQty0TuR88Rz+xmqVV5v8XTHmI=', '00000'),
    ('bitget', 1695806875837, 'GET', V2 + 'order/detail',
     'clientOid=FB-20260101-000001&productType=USDT-FUTURES&symbol=ETHUSDT', '',
     'tCMuLRKm1e6sUnmg3ou6M4lvJhv6g0x+oPOL6v3AO44=', '00000'),
    ('bitget', 1695806875837, 'POST', V2 + 'order/cancel-all-orders', '',
     '{"productType":"USDT-FUTURES","symbol":"ETHUSDT"}',
     'Yexke2Ou3KF2RukrGn12Y1Apoyw0gMy0GPpHRfGlo2k=', '00000'),
    ('bitget', 1695806875837, 'GET', V2 + 'position/all-position',
     'marginCoin=USDT&productType=USDT-FUTURES', '',
     '7rhd5bF+a9ctFSvYHLBifaoL1od7vWVNg9ND/KE9Vbs=', '00000'),
]


def sign(secret, stamp, method, path, query, body):
    text = '%s%s%s%s%s' % (stamp, method, path, '?' + query if query else '', body)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(),
                                     hashlib.sha256).digest()).decode()


class Case(unittest.TestCase):
    """A simulator for each class of tests, emptied before each test."""
    binary = None
    venue = 'bitget'
    arguments = ('--no-rate-limit', '--account', 'vectors:' + VECTOR_SECRET + ':pass-2')

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(Case.binary, '--venue', cls.venue, *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.sim.stop()
        assert code == 0, 'exit code %d' % code

    def setUp(self):
        self.sim.control('reset')

    def raw(self, method, path, query='', body='', key=KEY, secret=SECRET, passphrase=PASS,
            stamp=None, **more):
        stamp = str(int(time.time() * 1000)) if stamp is None else str(stamp)
        headers = {'ACCESS-KEY': key, 'ACCESS-TIMESTAMP': stamp, 'ACCESS-PASSPHRASE': passphrase,
                   'ACCESS-SIGN': more.get('signature') or
                   sign(secret, stamp, method, path, query, body)}
        if method == 'POST':
            headers['Content-Type'] = 'application/json'
        return self.sim.request(method, path + ('?' + query if query else ''), body or None,
                                headers)

    def ask(self, method, path, query='', body=''):
        status, _, text = self.raw(method, path, query, body)
        answer = json.loads(text)
        self.assertIsInstance(answer['requestTime'], int)
        self.assertEqual(status, 200 if answer['code'] == '00000' else 400, text)
        return answer

    def good(self, answer):
        self.assertEqual((answer['code'], answer['msg']), ('00000', 'success'), answer)
        return answer['data']

    def settle(self):
        """Until the engine has done everything that was acknowledged."""
        while json.loads(self.sim.request('GET', '/sim/stats')[2])['held'] > 0:
            pass


class Signature(Case):
    arguments = Case.arguments

    def accepts(self, venue):
        if venue != self.venue:
            return
        for at, stamp, method, path, query, body, signature, code in VECTORS:
            if at != venue:
                continue
            self.sim.control('options', clock_offset_ms=stamp - int(time.time() * 1000))
            status, _, text = self.raw(method, path, query, body, 'vectors', '', 'pass-2', stamp,
                                       signature=signature)
            self.assertEqual(json.loads(text)['code'], code, text)
            self.assertEqual(status, 200 if code == '00000' else 400)
        self.sim.control('options', clock_offset_ms=0)

    def test_vectors_of_the_sheet(self):
        for _, stamp, method, path, query, body, signature, _ in VECTORS:
            self.assertEqual(sign(VECTOR_SECRET, stamp, method, path, query, body), signature)

    def test_simulator_accepts_the_vectors_bytes(self):
        self.accepts('bitget')

    def code(self, query='productType=USDT-FUTURES', path=V2 + 'position/all-position', **more):
        status, _, text = self.raw('GET', path, query, **more)
        return status, json.loads(text)['code']

    def test_wrong_key_passphrase_signature_time(self):
        now = int(time.time() * 1000)
        self.assertEqual(self.code(), (200, '00000'))
        self.assertEqual(self.code(key='nobody'), (400, '40006'))
        self.assertEqual(self.code(passphrase='x'), (400, '40012'))
        self.assertEqual(self.code(secret='x'), (400, '40009'))
        self.assertEqual(self.code(stamp=now - 31000), (400, '40008'))
        self.assertEqual(self.code(stamp=now + 31000), (400, '40008'))
        self.assertEqual(self.code(stamp='yesterday'), (400, '40005'))
        status, _, text = self.sim.request('GET', V2 + 'position/all-position?productType=x')
        self.assertEqual((status, json.loads(text)['code']), (400, '40001'))

    def test_query_is_signed_in_order_of_names(self):
        self.assertEqual(self.code('productType=USDT-FUTURES&marginCoin=USDT'), (400, '40009'))
        self.assertEqual(self.code('marginCoin=USDT&productType=USDT-FUTURES'), (200, '00000'))

    def test_paths_of_the_other_dialect(self):
        status, _, text = self.raw('GET', V1 + 'order/current', 'symbol=BTCUSDT')
        self.assertEqual((status, json.loads(text)['code']), (404, '40404'))

    def test_unknown_parameters_and_bad_bodies(self):
        self.assertEqual(self.code('colour=red&productType=USDT-FUTURES'), (400, '40017'))
        status, _, text = self.raw('POST', V2 + 'order/place-order', '', 'hello')
        self.assertEqual((status, json.loads(text)['code']), (400, '40017'))


class V2Case(Case):
    def post(self, op, **fields):
        return self.ask('POST', V2 + op, '', json.dumps({'productType': 'USDT-FUTURES', **fields}))

    def get(self, op, **fields):
        pairs = {'productType': 'USDT-FUTURES', **fields}
        return self.ask('GET', V2 + op, '&'.join('%s=%s' % p for p in sorted(pairs.items())))

    def place(self, client_id=None, settle=True, **fields):
        order = {'symbol': 'BTCUSDT', 'marginMode': 'crossed', 'marginCoin': 'USDT', 'size': '0.1',
                 'price': '50000', 'side': 'buy', 'orderType': 'limit', 'force': 'gtc'}
        if client_id is not None:
            order['clientOid'] = client_id
        order.update(fields)
        answer = self.post('order/place-order', **{k: v for k, v in order.items() if v is not None})
        if settle:
            self.settle()
        return answer

    def refused(self, code, **fields):
        answer = self.place(**fields)
        self.assertEqual((answer['code'], answer['data']), (code, None), answer)

    def detail(self, client_id, symbol='BTCUSDT'):
        return self.good(self.get('order/detail', symbol=symbol, clientOid=client_id))

    def state(self, client_id):
        return self.detail(client_id)['state']

    def pending(self, **more):
        rows = self.good(self.get('order/orders-pending', **more))['entrustedList']
        return [o['clientOid'] for o in rows or []]


class Orders(V2Case):
    def test_place_and_detail(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=100)
        data = self.good(self.place('a', settle=False))
        self.assertEqual((sorted(data), data['clientOid']), (['clientOid', 'orderId'], 'a'))
        self.assertTrue(data['orderId'].isdigit())
        self.assertEqual(self.state('a'), 'init')
        self.assertEqual(self.pending(), [])
        self.settle()
        o = self.detail('a')
        self.assertEqual((o['state'], o['orderId'], o['baseVolume'], o['priceAvg'], o['side']),
                         ('live', data['orderId'], '0', '', 'buy'))
        self.assertNotIn('status', o)
        self.assertEqual((o['marginMode'], o['reduceOnly'], o['posMode'], o['posSide']),
                         ('crossed', 'NO', 'one_way_mode', 'net'))
        self.assertEqual(self.pending(), ['a'])

    def test_fills_and_partial_in_pending(self):
        self.place('a')
        self.sim.control('fill', cliOrdId='a', size='0.04')
        self.assertEqual(self.state('a'), 'partially_filled')
        self.assertEqual(self.pending(), [])        # without a status: unfilled ones only
        self.assertEqual(self.pending(status='partially_filled'), ['a'])
        self.sim.control('fill', cliOrdId='a')
        o = self.detail('a')
        self.assertEqual((o['state'], o['baseVolume'], o['priceAvg']), ('filled', '0.1', '50000'))
        data = self.good(self.get('order/fills', symbol='BTCUSDT'))
        self.assertEqual([x['baseVolume'] for x in data['fillList']], ['0.06', '0.04'])
        fee = data['fillList'][0]['feeDetail'][0]
        self.assertEqual((fee['feeCoin'], fee['totalFee'][0]), ('USDT', '-'))
        self.assertEqual(data['fillList'][0]['orderId'], o['orderId'])
        self.assertEqual(data['endId'], data['fillList'][1]['tradeId'])
        more = self.good(self.get('order/fills', idLessThan=data['fillList'][0]['tradeId']))
        self.assertEqual(len(more['fillList']), 1)

    def test_never_rested(self):
        self.place('post', price='61000', force='post_only')
        self.place('ioc', force='IOC')
        self.assertEqual((self.state('post'), self.state('ioc')), ('canceled', 'canceled'))
        rows = self.good(self.get('order/orders-history'))['entrustedList']
        self.assertEqual([(o['clientOid'], o['status']) for o in rows],
                         [('ioc', 'cancelled'), ('post', 'cancelled')])
        self.place('m', orderType='market', price=None, force=None)
        self.assertEqual(self.state('m'), 'filled')

    def test_refused(self):
        self.place('a')
        for code, fields in (
                ('40786', {'client_id': 'a'}), ('40305', {'client_id': 'x@y'}),
                ('40305', {'client_id': 'x' * 51}), ('40808', {'size': '0.00015'}),
                ('45111', {'size': '0.00001'}), ('45110', {'price': '10000', 'size': '0.0001'}),
                ('40808', {'price': '50000.05'}), ('40811', {'price': None}),
                ('40811', {'size': None}), ('40811', {'marginMode': None}),
                ('40017', {'marginMode': 'cross'}), ('40017', {'leverage': '10'}),
                ('40017', {'size': 0.1}), ('40102', {'symbol': 'NOPE'}),
                ('22002', {'side': 'sell', 'reduceOnly': 'YES'}),
                ('40017', {'orderType': 'post_only'})):
            self.refused(code, **fields)
        self.sim.control('account', no_funds=True)
        self.refused('40762')
        self.sim.control('account', no_funds=False)
        self.sim.control('suspend', symbol='BTCUSDT')
        self.refused('40308')
        self.assertEqual(self.sim.summary()['a']['duplicates_refused'], 1)

    def test_cancel(self):
        data = self.good(self.place('a'))
        self.good(self.post('order/cancel-order', symbol='BTCUSDT', orderId=data['orderId']))
        self.settle()
        self.assertEqual(self.state('a'), 'canceled')
        answer = self.post('order/cancel-order', symbol='BTCUSDT', clientOid='a')
        self.assertEqual(answer['code'], '22001')
        answer = self.post('order/cancel-order', symbol='BTCUSDT', clientOid='zz')
        self.assertEqual(answer['code'], '40768')
        answer = self.get('order/detail', symbol='BTCUSDT', clientOid='zz')
        self.assertEqual(answer['code'], '40109')

    def test_modify_is_cancel_and_new(self):
        old = self.good(self.place('a'))['orderId']
        answer = self.post('order/modify-order', symbol='BTCUSDT', clientOid='a', newSize='0.2',
                           newPrice='50001')
        self.assertEqual(answer['code'], '22003')
        data = self.good(self.post('order/modify-order', symbol='BTCUSDT', clientOid='a',
                                   newClientOid='b', newSize='0.2', newPrice='50001'))
        self.assertEqual(data, {'orderId': old, 'clientOid': 'a'})
        self.settle()
        self.assertEqual(self.state('a'), 'canceled')
        o = self.detail('b')
        self.assertEqual((o['state'], o['size'], o['price']), ('live', '0.2', '50001'))
        self.assertNotEqual(o['orderId'], old)
        self.sim.control('fill', cliOrdId='b', size='0.1')
        answer = self.post('order/modify-order', symbol='BTCUSDT', clientOid='b', newClientOid='c',
                           newSize='0.3', newPrice='50001')
        self.assertEqual(answer['code'], '40925')

    def test_modify_loses_against_a_fill(self):
        self.sim.control('market', symbol='BTCUSDT', hold_ms=200)
        self.place('a')
        self.good(self.post('order/modify-order', symbol='BTCUSDT', clientOid='a',
                            newClientOid='b', newSize='0.2', newPrice='50001'))
        self.sim.control('fill', cliOrdId='a')
        self.settle()
        self.assertEqual(self.state('a'), 'filled')
        self.assertEqual(self.get('order/detail', symbol='BTCUSDT', clientOid='b')['code'], '40109')

    def test_modify_of_the_presets_only(self):
        self.place('a', presetStopSurplusPrice='65000', presetStopLossPrice='40000')
        self.good(self.post('order/modify-order', symbol='BTCUSDT', clientOid='a',
                            newPresetStopLossPrice='41000'))
        o = self.detail('a')
        self.assertEqual((o['presetStopSurplusPrice'], o['presetStopLossPrice'], o['state']),
                         ('', '41000', 'live'))

    def test_reduce_only_pushes_out_and_null_order_id(self):
        self.sim.control('account', position={'symbol': 'BTCUSDT', 'size': '0.1', 'price': '50000'})
        self.assertTrue(self.good(self.place('a', side='sell', price='70000', size='0.08',
                                             reduceOnly='YES'))['orderId'])
        data = self.good(self.place('b', side='sell', price='70000', size='0.08',
                                    reduceOnly='YES'))
        self.assertEqual(data, {'orderId': None, 'clientOid': 'b'})
        self.assertEqual((self.state('a'), self.state('b')), ('canceled', 'live'))
        self.sim.control('options', null_order_id=True)
        self.assertIsNone(self.good(self.place('c'))['orderId'])

    def test_batches(self):
        def item(**fields):
            return {'size': '0.1', 'price': '50000', 'side': 'buy', 'orderType': 'limit', **fields}
        data = self.good(self.post('order/batch-place-order', symbol='BTCUSDT', marginCoin='USDT',
                                   marginMode='crossed',
                                   orderList=[item(clientOid='a'), item(clientOid='b', size='0'),
                                              item(clientOid='c')]))
        self.assertEqual([x['clientOid'] for x in data['successList']], ['a', 'c'])
        self.assertEqual([(x['clientOid'], x['errorCode'], x['orderId'])
                          for x in data['failureList']], [('b', '40020', '')])
        self.settle()
        data = self.good(self.post('order/batch-cancel-orders', symbol='BTCUSDT',
                                   orderIdList=[{'clientOid': 'a'}, {'clientOid': 'zz'}]))
        self.assertEqual([x['clientOid'] for x in data['successList']], ['a'])
        self.assertEqual([x['errorCode'] for x in data['failureList']], ['40768'])
        self.settle()
        self.assertEqual(self.pending(), ['c'])
        answer = self.post('order/batch-place-order', symbol='BTCUSDT', marginCoin='USDT',
                           marginMode='crossed', orderList=[item()] * 21)
        self.assertEqual(answer['code'], '40306')

    def test_cancel_all(self):
        self.place('a')
        self.place('b', symbol='ETHUSDT', price='2000')
        data = self.good(self.post('order/cancel-all-orders', symbol='ETHUSDT'))
        self.assertEqual([x['clientOid'] for x in data['successList']], ['b'])
        self.settle()
        self.assertEqual(self.pending(), ['a'])
        answer = self.post('order/cancel-all-orders', requestTime='1000', receiveWindow='5000')
        self.assertEqual(answer['code'], '40078')
        answer = self.post('order/cancel-all-orders', receiveWindow='70000')
        self.assertEqual(answer['code'], '40079')
        self.good(self.post('order/cancel-all-orders'))
        self.settle()
        self.assertEqual(self.pending(), [])

    def test_pages(self):
        for n in range(5):
            self.place('a%d' % n)
        seen, more = [], {}
        while True:
            data = self.good(self.get('order/orders-pending', limit=2, **more))
            if data['entrustedList'] is None:
                break
            seen += [o['clientOid'] for o in data['entrustedList']]
            more = {'idLessThan': data['endId']}
        self.assertEqual(seen, ['a4', 'a3', 'a2', 'a1', 'a0'])


class Positions(V2Case):
    def test_positions_and_close(self):
        self.place('m', orderType='market', price=None, size='0.5')
        rows = self.good(self.get('position/all-position', marginCoin='USDT'))
        self.assertEqual([(p['symbol'], p['holdSide'], p['total'], p['openPriceAvg'])
                          for p in rows], [('BTCUSDT', 'long', '0.5', '60000.1')])
        data = self.good(self.post('order/close-positions', symbol='BTCUSDT'))
        self.assertEqual((len(data['successList']), data['failureList']), (1, []))
        self.settle()
        self.assertEqual(self.good(self.get('position/single-position', symbol='BTCUSDT',
                                            marginCoin='USDT')), [])
        self.assertEqual(self.post('order/close-positions')['code'], '22002')

    def test_hedge_mode_sides(self):
        self.good(self.post('account/set-position-mode', posMode='hedge_mode'))
        self.refused('40774')
        self.place('open', orderType='market', price=None, tradeSide='open')
        self.place('close', orderType='market', price=None, side='buy', tradeSide='close')
        o = self.detail('close')
        self.assertEqual((o['state'], o['side'], o['tradeSide'], o['posSide'], o['posMode']),
                         ('filled', 'buy', 'close', 'long', 'hedge_mode'))
        self.assertEqual(self.good(self.get('position/all-position')), [])

    def test_settings(self):
        data = self.good(self.post('account/set-leverage', symbol='BTCUSDT', marginCoin='USDT',
                                   leverage='7'))
        self.assertEqual(data['longLeverage'], '7')
        self.good(self.post('account/set-margin-mode', symbol='BTCUSDT', marginCoin='USDT',
                            marginMode='isolated'))
        data = self.good(self.get('account/account', symbol='BTCUSDT', marginCoin='USDT'))
        self.assertEqual((data['marginMode'], data['posMode'], data['isolatedLongLever']),
                         ('isolated', 'one_way_mode', '7'))
        self.place('a')
        answer = self.post('account/set-margin-mode', symbol='BTCUSDT', marginCoin='USDT',
                           marginMode='crossed')
        self.assertEqual(answer['code'], '45117')

    def test_market(self):
        rows = self.good(self.get('market/contracts', symbol='ETHUSDT'))
        r = rows[0]
        self.assertEqual((r['priceEndStep'], r['pricePlace'], r['minTradeNum'], r['volumePlace'],
                          r['symbolStatus']), ('1', '2', '0.01', '2', 'normal'))
        data = self.good(json.loads(self.sim.request('GET', '/api/v2/public/time')[2]))
        self.assertLess(abs(int(data['serverTime']) / 1000 - time.time()), 5)


class Plans(V2Case):
    def plan(self, client_id, **fields):
        order = {'planType': 'normal_plan', 'symbol': 'BTCUSDT', 'marginMode': 'crossed',
                 'marginCoin': 'USDT', 'size': '0.1', 'triggerPrice': '59000',
                 'triggerType': 'mark_price', 'side': 'sell', 'orderType': 'market',
                 'clientOid': client_id, **fields}
        return self.post('order/place-plan-order', **order)

    def plans(self, which='pending', **more):
        more.setdefault('planType', 'normal_plan')
        return self.good(self.get('order/orders-plan-' + which, **more))['entrustedList']

    def test_trigger_order_and_its_child(self):
        plan_id = self.good(self.plan('p'))['orderId']
        rows = self.plans()
        self.assertEqual([(r['clientOid'], r['planStatus'], r['triggerPrice']) for r in rows],
                         [('p', 'live', '59000')])
        self.assertEqual(self.pending(), [])
        self.assertEqual(self.get('order/detail', symbol='BTCUSDT', orderId=plan_id)['code'],
                         '40109')
        self.sim.control('market', symbol='BTCUSDT', bid='58999', ask='59000', mark='58999')
        self.assertEqual([r['planStatus'] for r in self.plans('history')], ['executed'])
        child = self.good(self.get('order/plan-sub-order', planOrderId=plan_id))[0]['orderId']
        self.assertNotEqual(child, plan_id)
        o = self.good(self.get('order/detail', symbol='BTCUSDT', orderId=child))
        self.assertEqual((o['state'], o['orderId']), ('filled', child))
        fills = self.good(self.get('order/fills', orderId=child))['fillList']
        self.assertEqual(len(fills), 1)

    def test_cancel_and_modify(self):
        plan_id = self.good(self.plan('p'))['orderId']
        self.good(self.post('order/modify-plan-order', symbol='BTCUSDT', orderId=plan_id,
                            newTriggerPrice='58000'))
        self.assertEqual(self.plans()[0]['triggerPrice'], '58000')
        self.good(self.post('order/cancel-all-orders'))         # leaves plans alone
        self.assertEqual(len(self.plans()), 1)
        data = self.good(self.post('order/cancel-plan-order', symbol='BTCUSDT',
                                   orderIdList=[{'orderId': plan_id}, {'orderId': '1'}]))
        self.assertEqual((len(data['successList']), data['failureList'][0]['errorCode']),
                         (1, '43025'))
        self.assertEqual(self.plans('history')[0]['planStatus'], 'cancelled')

    def test_stops_of_a_position(self):
        stop = {'symbol': 'BTCUSDT', 'marginCoin': 'USDT', 'planType': 'pos_loss',
                'triggerPrice': '59000', 'triggerType': 'fill_price', 'holdSide': 'buy'}
        self.assertEqual(self.post('order/place-tpsl-order', **stop)['code'], '43043')
        self.place('m', orderType='market', price=None)
        self.good(self.post('order/place-tpsl-order', **stop))
        answer = self.post('order/place-tpsl-order', **{**stop, 'triggerPrice': '61000'})
        self.assertEqual(answer['code'], '40836')
        data = self.good(self.post('order/place-pos-tpsl', symbol='BTCUSDT', marginCoin='USDT',
                                   stopSurplusTriggerPrice='65000', stopLossTriggerPrice='58000'))
        self.assertEqual(len(data), 2)
        self.assertEqual(len(self.plans(planType='profit_loss')), 3)


class Faults(V2Case):
    def test_generic_faults(self):
        self.sim.control('fault', op='order/place-order', fault='act_drop', count=1)
        with self.assertRaises(Exception):
            self.place('a')
        self.settle()
        self.assertEqual(self.state('a'), 'live')
        self.refused('40786', client_id='a')
        self.sim.control('fault', op='order/place-order', fault='error', error='40015', count=1)
        self.refused('40015', client_id='b')
        self.sim.control('fault', op='order/detail', fault='rate_limit', count=1)
        status, _, text = self.raw('GET', V2 + 'order/detail', '')
        self.assertEqual((status, json.loads(text)['code']), (429, '429'))
        self.sim.control('fault', op='order/batch-place-order', fault='status', status='40762',
                         count=1)
        data = self.good(self.post('order/batch-place-order', symbol='BTCUSDT', marginCoin='USDT',
                                   marginMode='crossed', orderList=[{'clientOid': 'x'}]))
        self.assertEqual(data['failureList'][0]['errorCode'], '40762')


class Budgets(V2Case):
    arguments = ()

    def test_budget_of_an_endpoint(self):
        statuses = []
        while 429 not in statuses and len(statuses) < 12:
            statuses.append(self.raw('GET', V2 + 'position/all-position',
                                     'productType=USDT-FUTURES')[0])
        self.assertEqual(statuses, [200] * 5 + [429])
        self.assertEqual(self.get('order/orders-pending')['code'], '00000')


class Seed(Case):
    """The dialect mix-v1."""
    venue = 'bitget-mix-v1'

    def post(self, op, **fields):
        return self.ask('POST', V1 + op, '', json.dumps(fields))

    def get(self, op, **fields):
        return self.ask('GET', V1 + op, '&'.join('%s=%s' % p for p in sorted(fields.items())))

    def place(self, settle=True, **fields):
        order = {'symbol': 'BTCUSDT', 'side': 'buy', 'orderType': 'limit', 'price': '50000.50',
                 'size': '0.123', 'leverage': '10', 'marginMode': 'isolated', 'reduceOnly': False}
        order.update(fields)
        answer = self.post('order/placeOrder', **{k: v for k, v in order.items() if v is not None})
        if settle:
            self.settle()
        return answer

    def detail(self, order_id, symbol='BTCUSDT'):
        return self.good(self.get('order/detail', symbol=symbol, orderId=order_id))

    def test_vectors(self):
        Signature.accepts(self, 'bitget-mix-v1')

    def test_life_of_an_order(self):
        data = self.good(self.place())
        self.assertEqual({k: data[k] for k in data if k not in ('orderId', 'createTime')},
                         {'symbol': 'BTCUSDT', 'side': 'buy', 'orderType': 'limit',
                          'price': '50000.5', 'size': '0.123', 'leverage': '10',
                          'marginMode': 'isolated', 'status': 'new'})
        self.assertIsInstance(data['createTime'], int)
        self.sim.control('fill', order_id=data['orderId'], size='0.1', price='50000')
        o = self.detail(data['orderId'])
        self.assertEqual((o['status'], o['filledSize'], o['avgPrice']),
                         ('partially_filled', '0.1', '50000'))
        self.assertEqual(len(self.good(self.get('order/current', symbol='BTCUSDT'))), 1)
        fills = self.good(self.get('order/fills', symbol='BTCUSDT'))
        self.assertEqual([(x['size'], x['role'], x['feeCurrency']) for x in fills],
                         [('0.1', 'maker', 'USDT')])
        answer = self.good(self.post('order/cancel', symbol='BTCUSDT', orderId=data['orderId']))
        self.assertEqual(answer, {'orderId': data['orderId'], 'symbol': 'BTCUSDT',
                                  'status': 'cancelled'})
        rows = self.good(self.get('order/history', symbol='BTCUSDT'))
        self.assertEqual([(x['status'], x['filledSize']) for x in rows], [('cancelled', '0.1')])
        answer = self.post('order/cancel', symbol='BTCUSDT', orderId=data['orderId'])
        self.assertEqual(answer['code'], '60006')

    def test_new_is_final_an_instant_later(self):
        data = self.good(self.place(orderType='market', price=None))
        self.assertEqual(data['status'], 'new')
        self.assertEqual(self.detail(data['orderId'])['status'], 'filled')
        data = self.good(self.place(orderType='post_only', price='61000'))
        self.assertEqual(self.detail(data['orderId'])['status'], 'cancelled')

    def test_errors_of_the_seed(self):
        for code, fields in (('60001', {'orderType': 'stop'}), ('60002', {'size': '0'}),
                             ('60002', {'size': '0.00005'}), ('60003', {'price': None}),
                             ('60003', {'price': '50000.05'}), ('40811', {'leverage': None}),
                             ('40811', {'marginMode': None}), ('40017', {'marginMode': 'crossed'}),
                             ('40017', {'clientOid': 'a'}), ('40102', {'symbol': 'NOPE'}),
                             ('60005', {'size': '2000'})):
            self.assertEqual(self.place(**fields)['code'], code, fields)
        self.sim.control('account', no_funds=True)
        self.assertEqual(self.place()['code'], '60004')

    def test_batch_cancel_all_and_the_venues_own_symbol(self):
        item = {'symbol': 'BTCUSDT_UMCBL', 'side': 'buy', 'orderType': 'limit', 'price': '50000',
                'size': '0.1', 'leverage': '10', 'marginMode': 'cross'}
        rows = self.good(self.post('order/batchOrders', orders=[item, {**item, 'size': '0'}, item]))
        self.assertEqual([r['status'] for r in rows], ['new', 'new'])
        self.settle()
        data = self.good(self.post('order/cancelAll', symbol='BTCUSDT_UMCBL'))
        self.assertIs(data['success'], True)
        self.assertEqual(sorted(data['cancelledOrders']), sorted(r['orderId'] for r in rows))
        self.sim.control('market', symbol='BTCUSDT_UMCBL', bid='49000', ask='49001')
        data = self.good(self.place(symbol='BTCUSDT_UMCBL', price='49001'))
        self.assertEqual(self.detail(data['orderId'], 'BTCUSDT_UMCBL')['avgPrice'], '49001')

    def test_close_and_leverage(self):
        self.assertEqual(self.post('position/close', symbol='BTCUSDT')['code'], '22002')
        self.place(orderType='market', price=None)
        answer = self.post('position/close', symbol='BTCUSDT', positionSide='short')
        self.assertEqual(answer['code'], '22002')
        data = self.good(self.post('position/close', symbol='BTCUSDT', positionSide='long'))
        self.assertEqual(data['status'], 'new')
        self.settle()
        self.assertEqual(self.detail(data['orderId'])['status'], 'filled')
        data = self.good(self.post('position/leverage', symbol='BTCUSDT', leverage='10',
                                   marginMode='isolated'))
        self.assertEqual(data, {'symbol': 'BTCUSDT', 'leverage': '10', 'marginMode': 'isolated'})

    def test_public_calls_of_v2(self):
        text = self.sim.request('GET', V2 + 'market/contracts?productType=USDT-FUTURES')[2]
        self.assertEqual([r['symbol'] for r in json.loads(text)['data']], ['BTCUSDT', 'ETHUSDT'])


if __name__ == '__main__':
    Case.binary = os.path.abspath(sys.argv.pop(1))
    unittest.main()
