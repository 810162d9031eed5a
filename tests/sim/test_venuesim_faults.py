"""The venue simulator's faults on demand, and its audit. Run by test_venuesim.py.
"""
import http.client
import json
import time
import urllib.parse

from venuesim_client import API, KEY, SECRET, SECRET_B, Case, order, sign


class Faults(Case):
    def fault(self, kind, op='sendorder', **more):
        return self.sim.control('fault', op=op, fault=kind, **{'count': 1, **more})['id']

    def placed(self, client_id):
        return self.sim.summary().get(client_id, {}).get('placed_count', 0)

    def broken(self, client_id):
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.send(client_id)

    def test_drops(self):
        self.fault('act_drop')
        self.broken('acted')
        self.fault('drop')
        self.broken('never')
        self.assertEqual((self.placed('acted'), self.placed('never')), (1, 0))
        self.assertEqual(self.status_of('acted'), 'clientOrderIdAlreadyExist')
        self.assertEqual(self.status_of('never'), 'placed')

    def test_server_errors(self):
        self.fault('error_after', http=503)
        self.assertEqual(self.sim.call('POST', 'sendorder', order('after'))[0], 503)
        self.fault('error_before', http=500)
        self.assertEqual(self.sim.call('POST', 'sendorder', order('before'))[0], 500)
        self.assertEqual((self.placed('after'), self.placed('before')), (1, 0))

    def test_html(self):
        self.fault('html', http=520)
        status, headers, text = self.sim.call('POST', 'sendorder', order('h'))
        self.assertEqual((status, headers['Content-Type']), (520, 'text/html; charset=UTF-8'))
        self.assertIn('cloudflare', text)
        self.fault('html', act=True)
        self.assertEqual(self.sim.call('POST', 'sendorder', order('h2'))[0], 502)
        self.assertEqual((self.placed('h'), self.placed('h2')), (0, 1))

    def test_garbage_and_truncated(self):
        for kind in ('garbage', 'truncated'):
            self.fault(kind)
            status, _, text = self.sim.call('POST', 'sendorder', order(kind))
            self.assertEqual(status, 200)
            with self.assertRaises(ValueError):
                json.loads(text)
            self.assertEqual(self.placed(kind), 1)

    def test_rate_limits(self):
        self.fault('rate_limit')
        self.assertEqual(self.sim.ask('POST', 'sendorder', order('r'))['error'], 'apiLimitExceeded')
        self.fault('rate_limit_429')
        status, headers, _ = self.sim.call('POST', 'sendorder', order('r'))
        self.assertEqual((status, headers['rate-limit-reset'], self.placed('r')), (429, '1', 0))

    def test_status_and_error(self):
        self.fault('status', status='tooManySmallOrders')
        self.assertEqual(self.status_of('s'), 'tooManySmallOrders')
        self.fault('error', error='Unavailable')
        self.assertEqual(self.sim.ask('POST', 'sendorder', order('s'))['error'], 'Unavailable')
        self.assertEqual(self.placed('s'), 0)

    def test_delays(self):
        for kind in ('delay_before', 'delay_after'):
            self.fault(kind, delay_ms=50)
            begin = time.monotonic()
            self.assertEqual(self.status_of(kind), 'placed')
            self.assertGreaterEqual(time.monotonic() - begin, 0.05)

    def test_others_are_served_during_a_delay(self):
        self.fault('delay_after', delay_ms=5000)
        other = self.sim.connect()
        path, data = API + 'sendorder', urllib.parse.urlencode(order('slow'))
        other.request('POST', path, data, {'APIKey': KEY, 'Authent': sign(SECRET, path, data),
                                           'Content-Type': 'application/x-www-form-urlencoded'})
        while self.open_ids() != ['slow']:      # acted, not yet answered
            pass
        other.close()

    def test_slow_body_and_close(self):
        self.fault('slow_body', bytes=50, interval_ms=1)
        self.assertEqual(self.status_of('slow'), 'placed')
        self.fault('close')
        _, headers, _ = self.sim.call('POST', 'sendorder', order('close'))
        self.assertEqual(headers['Connection'], 'close')

    def test_wrong_length(self):
        self.fault('wrong_length')
        self.broken('w')
        self.assertEqual(self.placed('w'), 1)

    def test_count_skip_match_and_clear(self):
        self.fault('rate_limit', skip=1, count=2)
        results = [self.sim.ask('POST', 'sendorder',
                                order('s%d' % n)).get('error') for n in range(4)]
        self.assertEqual(results, [None, 'apiLimitExceeded', 'apiLimitExceeded', None])
        self.fault('rate_limit', match='cliOrdId=only')
        self.assertEqual(self.status_of('other'), 'placed')
        self.assertEqual(self.sim.ask('POST', 'sendorder', order('only')).get('error'),
                         'apiLimitExceeded')
        number = self.fault('error', op='*', count=100)
        self.assertEqual(self.sim.ask('GET', 'openorders').get('error'), 'Server Error')
        self.sim.control('fault/clear', id=number)
        self.assertIsNone(self.sim.ask('GET', 'openorders').get('error'))
        faults = json.loads(self.sim.request('GET', '/sim/faults')[2])['faults']
        self.assertEqual([(f['fault'], f['hit']) for f in faults],
                         [('rate_limit', 2), ('rate_limit', 1)])

    def test_probability_is_seeded(self):
        def strikes(seed):
            self.sim.control('reset')
            self.sim.control('fault', op='openorders', fault='rate_limit', probability=0.3,
                             seed=seed)
            return [('error' in self.sim.ask('GET', 'openorders')) for _ in range(100)]
        first = strikes(5)
        self.assertEqual(first, strikes(5))
        self.assertNotEqual(first, strikes(6))
        self.assertTrue(15 < sum(first) < 45)

    def test_bad_rules_are_refused(self):
        for body in ('{"op":"*"}', '{"op":"*","fault":"none"}', '{"fault":"drop"}', '[]', 'x',
                     '{"op":"*","fault":"drop","probability":2}', '{"op":"*","fault":"status"}'):
            self.assertEqual(self.sim.request('POST', '/sim/fault', body)[0], 400, body)
        self.assertEqual(self.sim.request('POST', '/sim/nothing', '{}')[0], 404)
        self.assertIn('POST /sim/fault ', self.sim.request('GET', '/sim/help')[2])


class Audit(Case):
    def test_lines_in_order(self):
        self.send('a')
        self.send('a')
        self.edit('a', size='5000')
        self.sim.control('fill', cliOrdId='a', size=1000)
        self.cancel('a')
        self.sim.call('GET', 'openorders', secret=SECRET_B)
        lines = self.sim.audit()
        self.assertEqual([line['event'] for line in lines],
                         ['place', 'place_duplicate', 'place_refused', 'edit', 'fill', 'cancelled',
                          'auth_refused', 'refused'])
        self.assertEqual([line['n'] for line in lines], list(range(1, 9)))
        self.assertEqual((lines[0]['cliOrdId'], lines[0]['qty'], lines[0]['price']),
                         ('a', '10000', '50000'))
        self.assertEqual((lines[4]['qty'], lines[4]['price']), ('1000', '50000'))
        entry = self.sim.summary()['a']
        self.assertEqual((entry['placed_count'], entry['duplicates_refused'], entry['filled'],
                          entry['status'],
                          entry['qty']), (1, 1, '1000', 'cancelled', '5000'))
