"""The venue simulator tested by itself: signatures (by an implementation of its own, checked
against the fact sheet's vectors), requests refused, questions, budgets, the process; and by import
the tests of orders and faults.

    python3 test_venuesim.py path/to/venuesim        (standard library only)
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True      # no __pycache__ in the source tree
from venuesim_client import API, HISTORY, KEY, SECRET, SECRET_B, Case, Sim, order, sign  # noqa: E402
from test_venuesim_faults import *  # noqa: E402,F401,F403
from test_venuesim_orders import *  # noqa: E402,F401,F403

VECTORS = [  # K1 to K8
    ('/derivatives/api/v3/openorders', '', '',
     '01NpmRljuNFOYCFDW+OXrtHSByZQJbicy27eoNrFl8w05mo30EzFYxJjL+yj7ul6RPZy5zHB0z3sIuPz2gycng=='),
    ('/derivatives/api/v3/openorders', '', '1763690000000',
     'qJgetNLVZ5wr04iyzakyLXWqdYr1NbXQvH+YNZhXzGorYPg/Ss5xUGc9dtw7PSkcHVpq+gFUGYwixPRiF5ELyQ=='),
    ('/derivatives/api/v3/sendorder',
     'orderType=lmt&symbol=PI_XBTUSD&side=buy&size=10000&limitPrice=9400&cliOrdId=FIX-0001',
     '1763690000001',
     'q5Ej7N39I8eyvMZENFNMLFAXC/VgPPaCNDNtwb64S4MljWXfGxY16eQpPtI6HHdeUYCVwxhI7jHU8ARtfKUQ+Q=='),
    ('/derivatives/api/v3/sendorder',
     'symbol=PF_XBTUSD&side=buy&size=0.0001&cliOrdId=myid1&orderType=lmt&limitPrice=20000', '',
     'NnSf4POMaLaX02nmoXZaajQlhelqdw9I5PER3hRcjnkGO0kVpySsNmWIB/cw1oOHLegDzUEGvGk+a28bkEiTkw=='),
    ('/derivatives/api/v3/fills', 'lastFillTime=2026-01-01T00%3A00%3A00.000Z', '',
     'Aa0hZg8bwdet0EgbfALUt8InBg90Aos+Gli75bD6aUVuFM08UqXl+Uk1cDoA2bKhQsZeJib750VOXv27d/yFVw=='),
    ('/api/history/v3/executions', 'since=1763600000000&sort=asc&count=100', '',
     'CN2P4GxlDqQ1SYctJyXNG5QoBbSwoRSPO+0GVXeVVWceCpdUm+2Aw6JNnMk9nzST61H/C6Pv9L81JrLRPDY2VA=='),
    ('/derivatives/api/v3/batchorder',
     'json=%7B%22batchOrder%22%3A%5B%7B%22order%22%3A%22cancel%22%2C%22order_id%22%3A%22'
     '3d080c9b-6a50-45c1-8365-11c00295f011%22%7D%5D%7D', '1763690000002',
     'DCRtsvRTs6DpEkiwWZxkhKK9Endxjnsx6DJmX07I6wE5EZn0WNEF+9B0Lkqj21SmGSGq0weMc1jJop7RPN6JmA=='),
    ('/derivatives/api/v3/orders/status', 'cliOrdIds=FIX-0001&cliOrdIds=FIX-0002', '1763690000003',
     'BGxQURriiZcsQzYJ42kznPzDYV/zBFJcEl28RNC7vH7fHzWwy9AMF0+SCrfPOEuPW0Ebq3hhXvjbX9MMkzzZZw=='),
]


class Signature(Case):
    def test_vectors_of_the_sheet(self):
        for path, data, nonce, authent in VECTORS:
            self.assertEqual(sign(SECRET, path, data, nonce), authent)

    def test_simulator_accepts_the_vectors_bytes(self):
        for path, data, nonce, authent in VECTORS:
            headers = {'APIKey': KEY, 'Authent': authent}
            if nonce:
                headers['Nonce'] = nonce
            if path.split('/')[-1] in ('openorders', 'fills', 'executions'):
                answer = self.sim.request('GET', path + ('?' + data if data else ''), None, headers)
            else:
                headers['Content-Type'] = 'application/x-www-form-urlencoded'
                answer = self.sim.request('POST', path, data, headers)
            self.assertEqual(answer[0], 200, answer)
            self.assertNotIn('"error"', answer[2].replace('"error":null', ''), path)

    def test_parameters_in_the_query_of_a_post(self):
        answer = self.sim.ask('POST', 'sendorder', order('q1'), in_query=True)
        self.assertEqual(answer['sendStatus']['status'], 'placed')

    def refused(self, method, path, headers, data=''):
        status, _, text = self.sim.request(method, path, data or None, headers)
        self.assertEqual((status, json.loads(text)['error']), (200, 'authenticationError'))

    def test_bad_signature_key_or_header(self):
        path = API + 'openorders'
        good = sign(SECRET, path, '')
        self.refused('GET', path, {'APIKey': KEY, 'Authent': 'A' + good[1:]})
        self.refused('GET', path, {'APIKey': KEY, 'Authent': good[:-1]})
        self.refused('GET', path, {'APIKey': 'other', 'Authent': good})
        self.refused('GET', path, {'APIKey': 'key-b', 'Authent': good})
        self.refused('GET', path, {'APIKey': KEY})
        self.refused('GET', path, {'Authent': good})
        self.refused('GET', path, {'APIKey': KEY, 'Authent': good, 'Nonce': '1'})

    def test_other_bytes_than_signed(self):
        path = API + 'orders/status'
        headers = {'APIKey': KEY, 'Authent': sign(SECRET, path, 'cliOrdIds=a%2Db'),
                   'Content-Type': 'application/x-www-form-urlencoded'}
        self.refused('POST', path, headers, 'cliOrdIds=a-b')        # same value, other bytes

    def test_query_must_be_signed(self):
        path = API + 'fills'
        self.refused('GET', path + '?lastFillTime=2026-01-01T00%3A00%3A00.000Z',
                     {'APIKey': KEY, 'Authent': sign(SECRET, path, '')})

    def test_history_path_is_signed_whole_and_refused_with_401(self):
        path = HISTORY + 'executions'
        headers = {'APIKey': KEY, 'Authent': sign(SECRET, '/api/v3/executions', '')}
        status, _, text = self.sim.request('GET', path, None, headers)
        self.assertEqual(status, 401)
        self.assertEqual(json.loads(text)['status'], 'unauthorized')

    def test_nonce(self):
        def error(nonce):
            return self.sim.ask('GET', 'openorders', nonce=nonce).get('error')
        base = time.time_ns()
        self.assertIsNone(error(str(base + 10)))
        self.assertIsNone(error(str(base + 5)))         # out of order, within the window
        self.assertEqual(error(str(base + 10)), 'nonceDuplicate')
        self.assertEqual(error('x1'), 'nonceBelowThreshold')
        self.assertIsNone(error(''))


class NonceWindow(Case):
    arguments = ('--no-rate-limit', '--nonce-window-ms', '0')

    def test_below_threshold(self):
        self.assertIsNone(self.sim.ask('GET', 'openorders', nonce='100').get('error'))
        self.assertEqual(self.sim.ask('GET', 'openorders', nonce='99').get('error'),
                         'nonceBelowThreshold')
        self.assertIsNone(self.sim.ask('GET', 'openorders', nonce='101').get('error'))


class Requests(Case):
    def bad(self, endpoint, data, word, method='POST', **more):
        status, _, text = self.sim.call(method, endpoint, data, **more)
        self.assertEqual(status, 400, text)
        answer = json.loads(text)
        self.assertEqual((answer['status'], answer['result'], answer['errors'][0]['code']),
                         ('BAD_REQUEST', 'error', 0))
        self.assertIn(word, answer['errors'][0]['message'])

    def invalid(self, endpoint, data, name, method='POST'):
        answer = self.sim.ask(method, endpoint, data)
        self.assertEqual((answer['result'], answer['error']), ('error', 'invalidArgument: ' + name))

    def test_unknown_missing_and_repeated(self):
        self.bad('sendorder', order('a', colour='red'), 'colour')
        self.bad('sendorder', order('a', type=''), 'orderType')
        self.bad('sendorder', order('a')[1:], 'orderType')
        self.bad('sendorder', order('a', price=None), 'limitPrice')
        self.bad('sendorder', order('a') + [('size', '1')], 'size')
        self.bad('cancelorder', '', 'order_id')
        self.bad('editorder', [('cliOrdId', 'a')], 'size')
        self.bad('editorder', [('order_id', 'a'), ('size', '1')],
                 'order_id')    # it is orderId there
        self.bad('cancelorder', [('orderId', 'a')],
                 'orderId')     # ... and order_id here
        self.bad('openorders', 'x=1', 'x', method='GET')
        self.bad('orders/status', '', 'orderIds')
        self.bad('cancelallordersafter', '', 'timeout')
        self.assertEqual(self.open_ids(), [])

    def test_malformed(self):
        self.bad('sendorder', 'orderType=l%zzmt', 'malformed')
        self.bad('sendorder', 'orderType', 'malformed')
        self.invalid('sendorder', order('a', size='ten'), 'size')
        self.invalid('sendorder', order('a', size='1e30'), 'size')
        self.invalid('sendorder', order('a', price='0x10'), 'limitPrice')
        self.invalid('sendorder', order('a', reduceOnly='yes'), 'reduceOnly')
        self.invalid('sendorder', order('a', processBefore='tomorrow'), 'processBefore')
        self.invalid('sendorder', order('a', symbol='PI_NONE'), 'symbol')
        self.invalid('sendorder', order('a', stopPrice='50000'), 'stopPrice')
        self.invalid('sendorder', order('a', type='mkt'), 'limitPrice')
        self.invalid('cancelallordersafter', 'timeout=1.5', 'timeout')
        self.invalid('fills', 'lastFillTime=yesterday', 'lastFillTime', method='GET')
        self.invalid('editorder', [('cliOrdId', 'a'), ('size', '1'), ('qtyMode', 'TOTAL')],
                     'qtyMode')

    def test_content_type_and_method(self):
        self.bad('sendorder', order('a'), 'Content-Type', **{'Content-Type': 'application/json'})
        self.assertEqual(self.sim.call('GET', 'sendorder', order('a'))[0], 404)
        self.assertEqual(self.sim.call('GET', 'nothing')[0], 404)

    def test_values_the_engine_refuses(self):
        for status, terms in [('invalidOrderType', dict(type='limit')),
                              ('invalidSide', dict(side='BUY')),
                              ('invalidSize', dict(size='0')), ('invalidSize', dict(size='-1')),
                              ('invalidSize', dict(size='1.5')),
                              ('invalidPrice', dict(price='50000.25')),
                              ('invalidPrice', dict(price='0')),
                              ('invalidSize', dict(symbol='PF_XBTUSD', size='0.00001')),
                              ('invalidSize', dict(symbol='PF_SHIBUSD', size='500',
                                                   price='0.00001')),
                              ('maxPositionViolation', dict(size='75000001'))]:
            answer = self.send('v', **terms)
            self.assertEqual((answer['status'], answer['orderEvents']), (status, []))
            self.assertNotIn('order_id', answer)
        self.assertEqual(self.status_of('v', symbol='PF_SHIBUSD', size='3000', price='0.00001'),
                         'placed')

    def test_client_ids(self):
        self.assertEqual(self.status_of('x' * 100), 'placed')
        self.assertEqual(self.status_of('x' * 101), 'clientOrderIdTooLong')
        self.assertEqual(self.status_of('a b'), 'clientOrderIdInvalid')
        self.assertEqual(self.status_of('d'), 'placed')
        self.assertEqual(self.status_of('d'), 'clientOrderIdAlreadyExist')
        self.cancel('d')
        self.assertEqual(self.status_of('d'), 'clientOrderIdAlreadyExist')      # for ever
        self.assertEqual(self.send()['status'], 'placed')
        self.assertNotIn('cliOrdId', self.send())
        self.assertEqual(self.sim.summary()['d']['duplicates_refused'], 2)

    def test_process_before(self):
        past = time.strftime('%Y-%m-%dT%H:%M:%S.000000Z', time.gmtime(time.time() - 2))
        soon = time.strftime('%Y-%m-%dT%H:%M:%S.000000Z', time.gmtime(time.time() + 30))
        self.assertEqual(self.status_of('p', processBefore=past), 'wouldProcessAfterSpecifiedTime')
        self.assertEqual(self.status_of('p', processBefore=soon), 'placed')
        self.assertEqual(self.edit('p', size='5', processBefore=past)['status'],
                         'wouldProcessAfterSpecifiedTime')
        answer = self.sim.ask('POST', 'cancelorder', [('cliOrdId', 'p'), ('processBefore', past)])
        self.assertEqual(answer['cancelStatus']['status'], 'wouldProcessAfterSpecifiedTime')
        self.assertEqual(self.open_ids(), ['p'])

    def test_a_delay_before_acting_makes_it_late(self):
        self.sim.control('fault', op='sendorder', fault='delay_before', delay_ms=80, count=1)
        before = time.time() + 0.04
        text = time.strftime('%Y-%m-%dT%H:%M:%S',
                             time.gmtime(before)) + '.%06dZ' % (before % 1 * 1e6)
        self.assertEqual(self.status_of('late', processBefore=text),
                         'wouldProcessAfterSpecifiedTime')


class Questions(Case):
    def test_instruments(self):
        status, _, text = self.sim.request('GET', API + 'instruments')      # public: no key
        listed = {i['symbol']: i for i in json.loads(text)['instruments']}
        self.assertEqual(status, 200)
        self.assertEqual(listed['PI_XBTUSD']['type'], 'futures_inverse')
        self.assertEqual(listed['PI_XBTUSD']['tickSize'], 0.5)
        self.assertEqual(listed['PF_XBTUSD']['contractValueTradePrecision'], 4)
        self.assertEqual(listed['PF_SHIBUSD']['contractValueTradePrecision'], -3)
        self.assertEqual(listed['PF_SOLUSD']['makerProtectionMillis'], 20)
        self.assertNotIn('makerProtectionMillis', listed['PF_ETHUSD'])
        self.assertIn('lastTradingTime', listed['FI_XBTUSD_270326'])
        text = self.sim.request('GET', API + 'instruments?contractType=flexible_futures')[2]
        self.assertNotIn('PI_XBTUSD', text)
        self.assertIn('PI_XBTUSD', self.sim.request('GET', API + 'tickers')[2])

    def test_newest_first(self):
        for name in 'abc':
            self.send(name)
        self.assertEqual(self.open_ids(), ['c', 'b', 'a'])

    def test_fills_are_the_newest_hundred(self):
        for n in range(105):
            self.send('f%d' % n, price='60500', size='1')
        fills = self.fills()
        self.assertEqual((len(fills), fills[0]['cliOrdId'], fills[99]['cliOrdId']),
                         (100, 'f104', 'f5'))
        self.assertEqual(fills[0]['realized_pnl'], 0)
        when = urllib.parse.quote('2000-01-01T00:00:00.000Z')
        self.assertEqual(self.sim.ask('GET', 'fills', 'lastFillTime=' + when)['fills'], [])
        older = self.sim.ask('GET', 'fills',
                             'lastFillTime=' + urllib.parse.quote('2100-01-01T00:00:00.000Z'))
        self.assertIsNone(older['fills'][0]['realized_pnl'])

    def test_executions_in_pages(self):
        for n in range(25):
            self.send('f%d' % n, price='60500', size='1')
        seen, token = [], None
        while True:
            data = 'sort=asc&count=10'
            if token:
                data += '&continuation_token=' + urllib.parse.quote(token)
            _, headers, text = self.sim.call('GET', HISTORY + 'executions', data)
            page = json.loads(text)
            self.assertEqual(page['len'], len(page['elements']))
            seen += [e['event']['Execution']['execution'] for e in page['elements']]
            self.assertEqual(headers['is-truncated'], 'true' if len(seen) < 25 else 'false')
            token = page.get('continuationToken')
            self.assertEqual(headers.get('Next-Continuation-Token'), token)
            if not token:
                break
        self.assertEqual([e['order']['clientId'] for e in seen], ['f%d' % n for n in range(25)])
        first = seen[0]
        self.assertEqual((first['quantity'], first['price'], first['executionType'],
                          first['order']['quantity'],
                          first['order']['filled'], first['order']['direction']),
                         ('1', '60000.5', 'taker', '0', '1', 'Buy'))
        self.assertRegex(first['orderData']['fee'], r'^0\.0\d+$')
        self.assertEqual({f['fill_id'] for f in self.fills()}, {e['uid'] for e in seen})
        status, _, _ = self.sim.call('GET', HISTORY + 'executions',
                                     'sort=desc&continuation_token=YToxMA%3D%3D')
        self.assertEqual(status, 400)                               # a token of the other order

    def test_history_since(self):
        self.send('f', price='60500', size='1')
        later = str(int(time.time() * 1000) + 60000)
        self.assertEqual(self.sim.ask('GET', HISTORY + 'executions', 'since=' + later)['elements'],
                         [])
        self.assertEqual(len(self.sim.ask('GET', HISTORY + 'executions',
                                          'before=' + later)['elements']), 1)

    def test_order_history(self):
        self.send('o')
        self.edit('o', size='5000')
        self.sim.control('fill', cliOrdId='o', size=1000)
        self.cancel('o')
        self.send('r', type='post', price='70000')
        elements = self.sim.ask('GET', HISTORY + 'orders', 'sort=asc')['elements']
        self.assertEqual([list(e['event'])[0] for e in elements],
                         ['OrderPlaced', 'OrderUpdated', 'OrderUpdated', 'OrderCancelled',
                          'OrderRejected'])
        self.assertEqual([list(e['event'].values())[0]['reason'] for e in elements],
                         ['new_user_order', 'edited_by_user', 'partial_fill', 'cancelled_by_user',
                          'post_would_execute_reason'])
        new = elements[2]['event']['OrderUpdated']['newOrder']
        self.assertEqual((new['quantity'], new['filled'], new['clientId']), ('4000', '1000', 'o'))
        closed = self.sim.ask('GET', HISTORY + 'orders', 'closed=true')['elements']
        self.assertEqual([list(e['event'])[0] for e in closed], ['OrderRejected', 'OrderCancelled'])

    def test_older_form_of_executions(self):
        self.send('o', price='60500')
        self.sim.control('options', old_history=True)
        element, = self.sim.ask('GET', HISTORY + 'executions')['elements']
        execution = element['event']['execution']['execution']
        self.assertEqual(execution['takerOrder']['clientId'], 'o')
        self.assertIn('fee', execution['takerOrderData'])
        self.sim.control('options', old_history=False)

    def test_remainder_of_an_ioc_ends_in_the_history(self):
        self.sim.control('market', symbol='PI_XBTUSD', bid=59999, ask=60000, size=4000)
        self.send('i', type='ioc', price='60000')
        event = self.sim.ask('GET', HISTORY + 'orders')['elements'][0]['event']
        self.assertEqual(event['OrderCancelled']['reason'], 'ioc_would_not_execute_reason')

    def test_account_log(self):
        self.send('l', price='60500')
        rows = self.sim.ask('GET', HISTORY + 'account-log')['logs']
        self.assertEqual([(r['id'], r['asset'], r['contract']) for r in rows],
                         [(2, 'pi_xbtusd', 'pi_xbtusd'), (1, 'xbt', 'pi_xbtusd')])
        self.assertEqual(rows[1]['execution'], self.fills()[0]['fill_id'])
        self.assertAlmostEqual(rows[1]['fee'], 10000 / 60000.5 * 0.0005, places=12)
        self.assertEqual(len(self.sim.ask('GET', HISTORY + 'account-log', 'from=2&to=2')['logs']),
                         1)

    def test_positions(self):
        self.send('a', price='60500', size='10000')
        self.sim.control('market', symbol='PI_XBTUSD', bid=49999.5, ask=50000)
        self.send('b', price='60500', size='10000')
        position, = self.sim.ask('GET', 'openpositions')['openPositions']
        self.assertEqual((position['side'], position['size'], position['maxFixedLeverage']),
                         ('long', 20000, None))
        self.assertAlmostEqual(position['price'], 20000 / (10000 / 60000.5 + 10000 / 50000),
                               places=5)

    def test_leverage(self):
        def put(data):
            return self.sim.call('PUT', 'leveragepreferences', data)
        self.assertEqual(self.sim.ask('GET', 'leveragepreferences')['leveragePreferences'], [])
        self.assertEqual(put('symbol=PF_XBTUSD&maxLeverage=10')[0], 200)
        text = self.sim.call('GET', 'leveragepreferences')[2]
        self.assertIn('{"symbol":"PF_XBTUSD","maxLeverage":10.00}', text)
        self.assertEqual(put('symbol=PF_XBTUSD')[0], 200)
        self.assertEqual(self.sim.ask('GET', 'leveragepreferences')['leveragePreferences'], [])
        self.assertEqual(json.loads(put('symbol=NONE&maxLeverage=2')[2])['errors'][0]['code'], 87)
        self.assertEqual(json.loads(put('symbol=PI_XBTUSD&maxLeverage=2')[2])['errors'][0]['code'],
                         88)
        self.sim.control('account', no_funds=True)
        self.assertEqual(put('symbol=PF_XBTUSD&maxLeverage=2')[0], 500)

    def test_status_memory(self):
        self.sim.control('options', status_memory_ms=0)
        self.send('m')
        self.assertEqual(len(self.lookup('m')), 1)
        self.cancel('m')
        self.sim.control('options', clock_offset_ms=1)
        self.assertEqual(self.lookup('m'), [])
        self.sim.control('options', status_memory_ms=5000, clock_offset_ms=0)
        self.assertEqual(self.lookup('m')[0]['status'], 'CANCELLED')
        self.sim.control('options', clock_offset_ms=5100)
        self.assertEqual(self.lookup('m', 'never'), [])
        self.sim.control('options', clock_offset_ms=0)

    def test_status_by_venue_id(self):
        order_id = self.send('v')['order_id']
        found, = self.sim.ask('POST', 'orders/status', [('orderIds', order_id)])['orders']
        self.assertEqual(found['order']['cliOrdId'], 'v')
        other = self.sim.ask('POST', 'orders/status', [('orderIds', order_id)], key='key-b',
                             secret=SECRET_B)
        self.assertEqual(other['orders'], [])                       # not the other account's

    def test_exotic_numbers_and_total_quantity(self):
        self.sim.control('options', exotic_numbers=True, quantity_total=True)
        self.sim.control('market', symbol='PF_XBTUSD', ask=60001, size=0.5)
        text = self.sim.call('POST', 'sendorder', order('e', symbol='PF_XBTUSD', size='1.25',
                                                        price='60001'))[2]
        self.assertIn('"amount":0.500000,', text)
        self.assertIn('"filled":0E-11', text)
        self.assertIn('"quantity":1.2500000,"filled":0.500000', text)
        self.sim.control('options', exotic_numbers=False, quantity_total=False)


class RateLimit(Case):
    arguments = ()

    def setUp(self):
        pass

    def test_budget_and_shapes(self):
        count = 0
        while 'error' not in self.sim.ask('POST', 'cancelorder', 'cliOrdId=x'):
            count += 1
            self.assertLess(count, 80)
        self.assertGreaterEqual(count, 50)
        self.sim.control('options', rate_429=True)
        self.sim.control('options', clock_offset_ms=0)
        while True:
            status, headers, _ = self.sim.call('POST', 'cancelallorders')
            if status == 429:
                break
        self.assertEqual(headers['rate-limit-reset'], '1')
        count = 0
        while self.sim.call('GET', HISTORY + 'executions')[0] == 200:
            count += 1
            self.assertLess(count, 130)
        self.assertGreaterEqual(count, 100)


class Process(unittest.TestCase):
    def test_signals_log_audit_file_and_config(self):
        with tempfile.TemporaryDirectory() as directory:
            config = os.path.join(directory, 'config.json')
            audit = os.path.join(directory, 'audit.jsonl')
            with open(config, 'w', encoding='ascii') as file:
                json.dump({'accounts': [{'key': 'conf', 'secret': SECRET_B}],
                           'markets': [{'symbol': 'PI_XBTUSD', 'bid': 99, 'ask': 100}],
                           'faults': [{'op': 'openorders', 'fault': 'rate_limit', 'count': 1}]},
                           file)
            sim = Sim(Case.binary, '--config', config, '--audit-file', audit, '--log')
            answer = sim.ask('POST', 'sendorder', order('c', price='101'), key='conf',
                             secret=SECRET_B)
            self.assertEqual(answer['sendStatus']['orderEvents'][0]['price'], 100.0)
            sim.ask('GET', 'openorders')
            code, log = sim.stop(signal.SIGINT)
            self.assertEqual(code, 0)
            self.assertIn('POST /derivatives/api/v3/sendorder orderType=lmt', log)
            self.assertIn('-> 200 placed order_id=', log)
            self.assertIn('[fault rate_limit]', log)
            with open(audit, encoding='ascii') as file:
                events = [json.loads(line)['event'] for line in file]
            self.assertEqual(events[:2], ['place', 'fill'])

    def test_bad_options(self):
        for arguments in (['--port', '70000'], ['--nothing'], ['--config', '/does/not/exist'],
                          ['--account', 'x'], ['--account', 'x:!!!'], ['extra'],
                          ['--tls-cert', '/none']):
            done = subprocess.run([Case.binary, *arguments], capture_output=True, timeout=10,
                                  check=False)
            self.assertIn(done.returncode, (1, 2), arguments)
            self.assertIn(b'venuesim', done.stderr)

    def test_stops_with_a_request_waiting(self):
        sim = Sim(Case.binary, '--no-rate-limit')
        sim.control('fault', op='*', fault='delay_after', delay_ms=600000)
        other = sim.connect()
        path = API + 'openorders'
        other.request('GET', path, None, {'APIKey': KEY, 'Authent': sign(SECRET, path, '')})
        while json.loads(sim.request('GET', '/sim/stats')[2])['audit_lines'] == 0:
            pass
        self.assertEqual(sim.stop()[0], 0)
        other.close()

    def test_tls(self):
        with tempfile.TemporaryDirectory() as directory:
            key, cert = os.path.join(directory, 'k.pem'), os.path.join(directory, 'c.pem')
            made = subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                                   '-keyout', key,
                                   '-out', cert, '-days', '1', '-subj', '/CN=localhost'],
                                  capture_output=True, check=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            sim = Sim(Case.binary, '--tls-cert', cert, '--tls-key', key)
            self.assertEqual(sim.scheme, 'https')
            self.assertEqual(sim.ask('POST', 'sendorder', order('tls'))['sendStatus']['status'],
                             'placed')
            self.assertEqual(sim.stop()[0], 0)


if __name__ == '__main__':
    Case.binary = os.path.abspath(sys.argv.pop(1))
    unittest.main()
