"""What the venue simulator's exchange does with orders: placing, matching, editing, cancelling,
triggers, maker protection, and the market's moves. Run by test_venuesim.py.
"""
import json
import re
import time
import urllib.parse

from venuesim_client import API, HISTORY, KEY, SECRET, SECRET_B, Case, order, sign


class Orders(Case):
    def test_resting_answer_to_the_letter(self):
        _, headers, text = self.sim.call('POST', 'sendorder', order('FIX-0001', price='60000'))
        self.assertEqual(headers['Content-Type'], 'application/json')
        uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
        moment = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'
        text = re.sub(moment, 'T', re.sub(uuid, 'ID', text))
        self.assertEqual(text, (
            '{"result":"success","serverTime":"T","sendStatus":{"status":"placed","order_id":"ID",'
            '"cliOrdId":"FIX-0001","receivedTime":"T","orderEvents":[{"type":"PLACE",'
            '"reducedQuantity":null,'
            '"order":{"orderId":"ID","cliOrdId":"FIX-0001","type":"lmt","symbol":"PI_XBTUSD",'
            '"side":"buy",'
            '"quantity":10000,"filled":0,"limitPrice":60000.0,"reduceOnly":false,"timestamp":"T",'
            '"lastUpdateTimestamp":"T"}}]}}'))

    def test_crossing_order_trades_at_once(self):
        answer = self.send('x', price='60500')
        self.assertEqual(answer['status'], 'placed')
        event, = answer['orderEvents']
        self.assertEqual((event['type'], event['price'], event['amount']),
                         ('EXECUTION', 60000.5, 10000))
        self.assertEqual(event['orderPriorExecution']['filled'], 0)
        fill, = self.fills()
        self.assertEqual((fill['fill_id'], fill['cliOrdId'], fill['size'], fill['price'],
                          fill['fillType']),
                         (event['executionId'], 'x', 10000, 60000.5, 'taker'))
        self.assertEqual(self.open_ids(), [])

    def test_partial_then_rest(self):
        self.sim.control('market', symbol='PI_XBTUSD', bid=59999, ask=60000, size=4000)
        kinds = [e['type'] for e in self.send('p', price='60000')['orderEvents']]
        self.assertEqual(kinds, ['EXECUTION', 'PLACE'])
        item, = self.sim.ask('GET', 'openorders')['openOrders']
        self.assertEqual((item['unfilledSize'], item['filledSize'], item['status'],
                          item['orderType']),
                         (6000, 4000, 'partiallyFilled', 'lmt'))
        found, = self.lookup('p')
        self.assertEqual((found['status'], found['updateReason'], found['order']['quantity'],
                          found['order']['filled'], found['error']),
                         ('ENTERED_BOOK', 'PARTIAL_FILL', 6000, 4000, None))

    def test_market_order(self):
        event = self.send('m', type='mkt', price=None)['orderEvents'][0]
        self.assertEqual(event['orderPriorExecution']['type'], 'ioc')
        self.assertEqual(event['orderPriorExecution']['limitPrice'],
                         60600.5)      # ask and one percent
        self.sim.control('market', symbol='PI_XBTUSD', bid=59999, ask=None)
        self.assertEqual(self.status_of('m2', type='mkt', price=None), 'iocWouldNotExecute')

    def test_ioc_and_fok(self):
        self.sim.control('market', symbol='PI_XBTUSD', bid=59999, ask=60000, size=4000)
        answer = self.send('f1', type='fok', price='60000', size='4001')
        self.assertEqual(answer['status'], 'iocWouldNotExecute')
        reject, = answer['orderEvents']
        self.assertEqual((reject['type'], reject['reason'], reject['uid']),
                         ('REJECT', 'IOC_WOULD_NOT_EXECUTE', answer['order_id']))
        self.assertEqual(self.status_of('i0', type='ioc', price='59999'), 'iocWouldNotExecute')
        answer = self.send('i1', type='ioc', price='60000', size='6000')
        self.assertEqual((answer['status'], [e['type'] for e in answer['orderEvents']]),
                         ('placed', ['EXECUTION']))
        self.assertEqual(self.open_ids(), [])
        found, = self.lookup('i1')
        self.assertEqual((found['status'], found['order']['filled']), ('CANCELLED', 4000))
        self.sim.control('market', symbol='PI_XBTUSD', bid=59999, ask=60000, size=4000)
        self.assertEqual(self.status_of('f2', type='fok', price='60000', size='4000'), 'placed')

    def test_post_only(self):
        answer = self.send('p1', type='post', price='60001')
        self.assertEqual((answer['status'], answer['orderEvents'][0]['reason']),
                         ('postWouldExecute', 'POST_WOULD_EXECUTE'))
        self.assertEqual(self.status_of('p2', type='post', price='60000'), 'placed')
        self.assertEqual(self.edit('p2', limitPrice='60002')['status'], 'postWouldExecute')
        self.assertEqual(self.open_ids(), ['p2'])

    def test_market_state(self):
        self.sim.control('suspend', symbol='PI_XBTUSD')
        self.assertEqual(self.status_of('s'), 'marketSuspended')
        self.sim.control('suspend', symbol='PI_XBTUSD', on=False)
        self.sim.control('postonly', symbol='PI_XBTUSD')
        self.assertEqual(self.status_of('s'), 'marketIsPostOnly')
        self.assertEqual(self.status_of('s', type='post'), 'placed')
        self.sim.control('postonly', symbol='PI_XBTUSD', on=False)
        self.sim.control('market', symbol='PI_XBTUSD', collar_percent=5)
        self.assertEqual(self.status_of('c', price='70000'), 'outsidePriceCollar')
        self.sim.control('account', no_funds=True)
        self.assertEqual(self.status_of('n'), 'insufficientAvailableFunds')

    def test_expired_contract(self):
        self.send('e', symbol='FI_XBTUSD_270326')
        self.sim.control('expire', symbol='FI_XBTUSD_270326')
        self.assertEqual(self.lookup('e')[0]['updateReason'], 'CONTRACT_EXPIRED')
        self.assertEqual(self.status_of('e2', symbol='FI_XBTUSD_270326'), 'marketInactive')
        self.sim.control('expire', symbol='FI_XBTUSD_270326', on=False)

    def test_cancel(self):
        self.send('c')
        answer = self.cancel('c')
        event, = answer['orderEvents']
        self.assertEqual((answer['status'], answer['cliOrdId'], event['type'], event['uid']),
                         ('cancelled', 'c', 'CANCEL', answer['order_id']))
        self.assertEqual(self.cancel('c')['status'], 'notFound')
        self.assertEqual(self.cancel('never')['status'], 'notFound')
        self.send('f', price='60500')
        self.assertEqual(self.cancel('f')['status'], 'filled')
        self.assertEqual(self.lookup('c')[0]['updateReason'], 'CANCELLED_BY_USER')

    def test_edit_modes(self):
        self.send('e')
        self.sim.control('fill', cliOrdId='e', size=4000)
        self.assertEqual(self.edit('e', size='5000', qtyMode='ABSOLUTE')['status'], 'edited')
        self.assertEqual(self.sim.ask('GET', 'openorders')['openOrders'][0]['unfilledSize'], 1000)
        answer = self.edit('e', size='5000')                        # RELATIVE: the open size
        new = answer['orderEvents'][0]['new']
        self.assertEqual((answer['orderEvents'][0]['type'], new['quantity'], new['filled']),
                         ('EDIT', 5000, 4000))
        self.assertEqual(self.edit('e', size='4000', qtyMode='ABSOLUTE')['status'], 'invalidSize')
        self.assertEqual(self.edit('e', limitPrice='1.23')['status'], 'invalidPrice')
        self.assertEqual(self.edit('e', stopPrice='50000')['status'], 'orderForEditNotAStop')
        self.assertEqual(self.edit('none', size='1')['status'], 'orderForEditNotFound')
        self.assertEqual(self.edit('none', size='1')['orderEvents'], [])

    def test_edit_that_trades(self):
        order_id = self.send('e')['order_id']
        answer = self.edit('e', limitPrice='60100', size='10000', qtyMode='ABSOLUTE')
        edit, execution = answer['orderEvents']
        self.assertEqual((answer['orderId'], edit['type'], execution['type']),
                         (order_id, 'EDIT', 'EXECUTION'))
        self.assertEqual(execution['orderPriorEdit']['limitPrice'], 50000.0)
        self.assertEqual(self.lookup('e')[0]['status'], 'FULLY_EXECUTED')

    def test_cancel_all(self):
        self.send('a')
        self.send('b', symbol='PF_XBTUSD', size='1')
        self.send('t', type='stp', price=None, stopPrice='70000')
        answer = self.sim.ask('POST', 'cancelallorders', 'symbol=PF_XBTUSD')['cancelStatus']
        self.assertEqual((answer['status'], answer['cancelOnly'],
                          [o['cliOrdId'] for o in answer['cancelledOrders']]),
                         ('cancelled', 'PF_XBTUSD', ['b']))
        answer = self.sim.ask('POST', 'cancelallorders')['cancelStatus']
        self.assertEqual((answer['cancelOnly'], len(answer['cancelledOrders']),
                          len(answer['orderEvents'])),
                         ('all', 2, 2))
        self.assertEqual(self.sim.ask('POST', 'cancelallorders')['cancelStatus']['status'],
                         'noOrdersToCancel')

    def test_dead_mans_switch(self):
        self.send('a')
        answer = self.sim.ask('POST', 'cancelallordersafter', 'timeout=1')['status']
        self.assertRegex(answer['triggerTime'], r'^2\d{3}-')
        self.assertEqual(self.sim.ask('POST', 'cancelallordersafter',
                                      'timeout=0')['status']['triggerTime'], '0')
        self.sim.ask('POST', 'cancelallordersafter', 'timeout=1')
        self.sim.control('options',
                         clock_offset_ms=1100)           # the venue's clock moves past it
        self.assertEqual(self.open_ids(), [])
        self.assertEqual(self.lookup('a')[0]['updateReason'], 'DEAD_MAN_SWITCH')
        self.sim.control('options', clock_offset_ms=0)

    def test_batch(self):
        self.send('old')
        self.send('old2')
        batch = {'batchOrder': [
            {'order': 'send', 'order_tag': '1', 'orderType': 'lmt', 'symbol': 'PI_XBTUSD',
             'side': 'buy',
             'size': 100, 'limitPrice': 50000.0, 'cliOrdId': 'n1', 'reduceOnly': False},
            {'order': 'send', 'order_tag': '2', 'orderType': 'lmt', 'symbol': 'PI_XBTUSD',
             'side': 'buy',
             'size': 0.5, 'limitPrice': 50000, 'cliOrdId': 'n2'},
            {'order': 'edit', 'cliOrdId': 'old', 'size': 7, 'qtyMode': 'ABSOLUTE'},
            {'order': 'cancel', 'cliOrdId': 'old2'},
            {'order': 'cancel', 'order_id': '3d080c9b-6a50-45c1-8365-11c00295f011'},
            {'order': 'send', 'orderType': 'lmt', 'symbol': 'PI_XBTUSD', 'side': 'buy', 'size': 1,
             'limitPrice': 50000}]}
        answer = self.sim.ask('POST', 'batchorder', [('json', json.dumps(batch))])['batchStatus']
        self.assertEqual([i['status'] for i in answer],
                         ['placed', 'invalidSize', 'edited', 'cancelled', 'notFound',
                          'requiredArgumentMissing'])
        self.assertEqual((answer[0]['order_tag'], answer[0]['cliOrdId'], answer[2]['cliOrdId']),
                         ('1', 'n1', 'old'))
        self.assertEqual(answer[0]['orderEvents'][0]['type'], 'PLACE')
        self.assertEqual(sorted(self.open_ids()), ['n1', 'old'])
        self.assertEqual(self.sim.ask('POST', 'batchorder', 'json=%7B')['error'],
                         'Json Parse Error')
        batch['batchOrder'][0]['colour'] = 'red'
        answer = self.sim.ask('POST', 'batchorder', [('json', json.dumps(batch))])
        self.assertEqual(answer['batchStatus'][0]['status'], 'invalidArgument')
        # Unencoded after json= is accepted too, as long as the bytes are the signed ones.
        raw = 'json={"batchOrder":[{"order":"cancel","cliOrdId":"n1"}]}'
        self.assertEqual(self.sim.ask('POST', 'batchorder', raw)['batchStatus'][0]['status'],
                         'cancelled')

    def test_reduce_only(self):
        self.assertEqual(self.status_of('r0', reduceOnly='true'), 'wouldNotReducePosition')
        self.send('open', price='60500', size='3000')               # long 3000
        self.assertEqual(self.status_of('r1', side='buy', reduceOnly='true'),
                         'wouldNotReducePosition')
        answer = self.send('r2', side='sell', price='70000', size='5000', reduceOnly='true')
        event, = answer['orderEvents']
        self.assertEqual((event['reducedQuantity'], event['order']['quantity']), (2000, 3000))
        self.send('r3', side='sell', price='59000', size='5000', reduceOnly='true')
        self.assertEqual(self.sim.ask('GET', 'openpositions')['openPositions'], [])

    def test_self_trade_strategies(self):
        self.assertEqual(self.sim.ask('GET', 'self-trade-strategy')['strategy'], 'REJECT_TAKER')
        self.send('maker', side='buy', price='60000')
        self.assertEqual(self.status_of('t1', side='sell', price='59000'), 'selfFill')
        self.assertEqual(self.sim.ask('PUT', 'self-trade-strategy',
                                      'strategy=CANCEL_MAKER_SELF')['strategy'],
                         'CANCEL_MAKER_SELF')
        self.assertEqual(self.status_of('t2', side='sell', price='59000'), 'placed')
        self.assertEqual(self.lookup('maker')[0]['updateReason'], 'CANCELLED_BY_SELF_TRADE')
        self.assertEqual(self.sim.ask('PUT', 'self-trade-strategy', 'strategy=NONE')['error'],
                         'invalidArgument: strategy')

    def test_two_accounts_trade_with_each_other(self):
        self.sim.control('market', symbol='PI_XBTUSD', bid=None, ask=None)
        self.send('maker', side='buy', price='60000', size='500')
        answer = self.sim.ask('POST', 'sendorder',
                              order('maker', side='sell', price='60000', size='700'),
                              key='key-b', secret=SECRET_B)['sendStatus']
        self.assertEqual([e['type'] for e in answer['orderEvents']], ['EXECUTION', 'PLACE'])
        self.assertEqual(self.fills()[0]['fillType'], 'maker')
        self.assertEqual(self.open_ids(), [])
        position, = self.sim.ask('GET', 'openpositions', key='key-b',
                                 secret=SECRET_B)['openPositions']
        self.assertEqual((position['side'], position['size'], position['price']),
                         ('short', 500, 60000.0))

    def test_price_time_priority(self):
        self.sim.control('market', symbol='PI_XBTUSD', bid=None, ask=None)
        for name, price in [('low', '100'), ('first', '200'), ('second', '200'), ('mid', '150')]:
            self.send(name, price=price, size='10')
        self.sim.ask('POST', 'sendorder', order('t', side='sell', price='100', size='35'),
                     key='key-b', secret=SECRET_B)
        self.assertEqual([(f['cliOrdId'], f['size'], f['price']) for f in self.fills()],
                         [('low', 5, 100.0), ('mid', 10, 150.0), ('second', 10, 200.0),
                          ('first', 10, 200.0)])

    def test_open_order_limit(self):
        self.sim.control('account', open_max=1)
        self.send('a')
        self.assertEqual(self.status_of('b'), 'tooManyOrders')
        self.sim.control('account', open_max=1000000)


class Triggers(Case):
    def move(self, price):
        self.sim.control('market', symbol='PI_XBTUSD', bid=price - 0.5, ask=price)

    def test_stop_market(self):
        answer = self.send('s', type='stp', side='sell', price=None, stopPrice='59000',
                           triggerSignal='last')
        trigger = answer['orderEvents'][0]['orderTrigger']
        self.assertEqual((trigger['uid'], trigger['clientId'], trigger['type'],
                          trigger['limitPrice'],
                          trigger['triggerPrice'], trigger['triggerSide'],
                          trigger['triggerSignal']),
                         (answer['order_id'], 's', 'ioc', None, 59000.0, 'trigger_below',
                          'last_price'))
        item, = self.sim.ask('GET', 'openorders')['openOrders']
        self.assertEqual((item['orderType'], item['stopPrice'], item['triggerSignal']),
                         ('stop', 59000.0, 'last'))
        found, = self.lookup('s')
        self.assertEqual((found['status'], found['order']['type'],
                          found['order']['priceTriggerOptions']['triggerSide']),
                         ('TRIGGER_PLACED', 'TRIGGER_ORDER', 'TRIGGER_BELOW'))
        self.move(59500)
        self.assertEqual(self.open_ids(), ['s'])
        self.move(58900)
        self.assertEqual(self.open_ids(), [])
        self.assertEqual((self.fills()[0]['cliOrdId'], self.fills()[0]['price']), ('s', 58899.5))

    def test_stop_limit_rests_after_trigger(self):
        self.send('s', type='stp', side='buy', price='61000', stopPrice='61500',
                  triggerSignal='mark')
        self.move(61600)
        item, = self.sim.ask('GET', 'openorders')['openOrders']
        self.assertEqual((item['orderType'], item['limitPrice']), ('lmt', 61000.0))
        self.assertEqual(self.lookup('s')[0]['status'], 'ENTERED_BOOK')

    def test_take_profit_and_index(self):
        self.send('t', type='take_profit', side='sell', price=None, stopPrice='61000',
                  triggerSignal='index')
        self.sim.control('market', symbol='PI_XBTUSD', mark=62000)
        self.assertEqual(self.open_ids(), ['t'])
        self.sim.control('market', symbol='PI_XBTUSD', index=61000)
        self.assertEqual(self.open_ids(), [])

    def test_trailing_stop(self):
        self.send('t', type='trailing_stop', side='sell', price=None, triggerSignal='mark',
                  trailingStopMaxDeviation='1000', trailingStopDeviationUnit='QUOTE_CURRENCY')
        self.sim.control('market', symbol='PI_XBTUSD', mark=62000)
        self.assertEqual(self.sim.ask('GET', 'openorders')['openOrders'][0]['stopPrice'], 61000.0)
        self.sim.control('market', symbol='PI_XBTUSD', mark=61500)
        self.assertEqual(self.sim.ask('GET', 'openorders')['openOrders'][0]['stopPrice'], 61000.0)
        self.assertEqual(self.edit('t', stopPrice='1000')['status'],
                         'cannotEditTriggerPriceOfTrailingStop')
        self.assertEqual(self.edit('t', limitPrice='1000')['status'],
                         'cannotEditLimitPriceOfTrailingStop')
        self.sim.control('market', symbol='PI_XBTUSD', mark=61000)
        self.assertEqual(self.open_ids(), [])

    def test_trailing_limits(self):
        def percent(value):
            return self.sim.ask('POST', 'sendorder', order(type='trailing_stop', price=None,
                                trailingStopMaxDeviation=value,
                                trailingStopDeviationUnit='PERCENT'))
        self.assertEqual(percent('0.05')['error'], 'invalidArgument: trailingStopMaxDeviation')
        self.assertEqual(percent('51')['error'], 'invalidArgument: trailingStopMaxDeviation')
        self.assertEqual(percent('50')['sendStatus']['status'], 'placed')

    def test_trigger_failure(self):
        self.sim.control('account', position={'symbol': 'PI_XBTUSD', 'size': 100, 'price': 60000})
        self.send('s', type='stp', side='sell', size='100', price=None, stopPrice='59000',
                  reduceOnly='true')
        self.sim.control('account', position={'symbol': 'PI_XBTUSD', 'size': 0, 'price': 60000})
        self.move(58000)
        found, = self.lookup('s')
        self.assertEqual((found['status'], found['error']),
                         ('TRIGGER_ACTIVATION_FAILURE', 'WOULD_NOT_REDUCE_POSITION'))

    def test_edit_stop_and_history(self):
        self.send('s', type='stp', side='sell', price='58000', stopPrice='59000')
        self.assertEqual(self.edit('s', stopPrice='59100', limitPrice='58100')['status'], 'edited')
        self.cancel('s')
        answer = self.sim.ask('GET', HISTORY + 'triggers', 'sort=asc')
        self.assertEqual([list(e['event'])[0] for e in answer['elements']],
                         ['OrderTriggerPlaced', 'OrderTriggerUpdated', 'OrderTriggerCancelled'])
        self.assertEqual(self.sim.ask('GET', HISTORY + 'orders')['elements'], [])

    def test_offset(self):
        self.send('s', type='stp', side='sell', price=None, stopPrice='59000',
                  limitPriceOffsetValue='-100',
                  limitPriceOffsetUnit='QUOTE_CURRENCY')
        self.sim.control('market', symbol='PI_XBTUSD', bid=58000, ask=58001)
        item, = self.sim.ask('GET', 'openorders')['openOrders']
        self.assertEqual(item['limitPrice'], 58900.0)


class MakerProtection(Case):
    """Holds last for ever here; they end when the test moves the venue's clock."""
    arguments = ('--no-rate-limit', '--hold-ms', '1000000')

    def setUp(self):
        super().setUp()
        self.sim.control('options', clock_offset_ms=0)
        self.other = self.sim.connect()
        self.addCleanup(self.other.close)

    def hold(self, client_id, **more):
        """Sends without waiting for the answer; returns when the venue has it."""
        data = urllib.parse.urlencode(order(client_id, symbol='PF_SOLUSD', size='1', **more))
        path = API + 'sendorder'
        self.other.request('POST', path, data, {
            'APIKey': KEY, 'Authent': sign(SECRET, path, data),
            'Content-Type': 'application/x-www-form-urlencoded'})
        # The audit is the only place where a held order shows.
        while not any(line.get('cliOrdId') == client_id for line in self.sim.audit()):
            pass

    def release(self):
        self.sim.control('options', clock_offset_ms=2000000)
        return json.loads(self.other.getresponse().read())['sendStatus']

    def test_held_order_is_nowhere_until_released(self):
        self.hold('h', price='140')
        self.assertEqual((self.open_ids(), self.lookup('h')), ([], []))
        answer = self.release()
        self.assertEqual((answer['status'], answer['orderEvents'][0]['type']), ('placed', 'PLACE'))
        self.assertEqual(self.open_ids(), ['h'])

    def test_an_order_cancelled_while_held_may_still_fill(self):
        self.hold('h', price='160')
        self.assertEqual(self.cancel('h')['status'], 'cancelled')
        self.assertEqual([e['type'] for e in self.release()['orderEvents']], ['EXECUTION'])

    def test_an_order_cancelled_while_held_ends_at_its_release(self):
        self.hold('h', price='140')
        self.assertEqual(self.cancel('h')['status'], 'cancelled')
        self.assertEqual(self.release()['status'], 'iocWouldNotExecute')
        self.assertEqual(self.open_ids(), [])

    def test_post_only_is_not_held_and_a_release_cancels_own_orders(self):
        self.send('post', type='post', symbol='PF_SOLUSD', side='sell', size='1', price='155')
        self.assertEqual(self.open_ids(), ['post'])
        self.sim.control('market', symbol='PF_SOLUSD', ask=None)
        self.hold('h', price='156')
        self.assertEqual(self.release()['status'], 'placed')
        self.assertEqual(self.lookup('post')[0]['updateReason'], 'CANCELLED_BY_SELF_TRADE')

    def test_an_edit_is_held_too(self):
        self.hold('h', price='140')
        self.release()
        data = urllib.parse.urlencode([('cliOrdId', 'h'), ('limitPrice', '141'), ('size', '1')])
        path = API + 'editorder'
        self.other.request('POST', path, data, {
            'APIKey': KEY, 'Authent': sign(SECRET, path, data),
            'Content-Type': 'application/x-www-form-urlencoded'})
        while json.loads(self.sim.request('GET', '/sim/stats')[2])['held'] == 0:
            pass
        self.assertEqual(self.sim.ask('GET', 'openorders')['openOrders'][0]['limitPrice'], 140.0)
        self.sim.control('options', clock_offset_ms=4000000)
        answer = json.loads(self.other.getresponse().read())['editStatus']
        self.assertEqual((answer['status'], answer['orderEvents'][0]['new']['limitPrice']),
                         ('edited', 141.0))

    def test_late_after_the_hold(self):
        soon = time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(time.time() + 30))
        self.assertEqual(self.status_of('h', symbol='PF_SOLUSD', size='1', price='140',
                                        processBefore=soon), 'wouldProcessAfterSpecifiedTime')

    def test_reset_while_held(self):
        self.hold('h', price='140')
        self.sim.control('reset')
        self.sim.control('options', clock_offset_ms=2000000)
        self.assertEqual(self.other.getresponse().status, 503)


class Market(Case):
    def test_market_fills_what_it_crosses(self):
        self.send('low', price='58000')
        self.send('high', price='59000')
        self.sim.control('market', symbol='PI_XBTUSD', bid=58499, ask=58500, size=15000)
        self.assertEqual([(f['cliOrdId'], f['price'], f['fillType']) for f in self.fills()],
                         [('high', 59000.0, 'maker')])
        self.sim.control('market', symbol='PI_XBTUSD', bid=57000, ask=57001, size=500)
        self.assertEqual(self.sim.ask('GET', 'openorders')['openOrders'][0]['filledSize'], 500)

    def test_fill_and_unsolicited_cancel(self):
        self.send('a')
        self.sim.control('fill', cliOrdId='a', size=100, price=49000)
        self.assertEqual((self.fills()[0]['size'], self.fills()[0]['price']), (100, 49000.0))
        self.assertEqual(self.sim.request('POST', '/sim/fill', '{"cliOrdId":"a","size":99999}')[0],
                         400)
        for reason in ('CANCELLED_BY_ADMIN', 'NOT_ENOUGH_MARGIN', 'MARKET_INACTIVE'):
            self.send(reason)
            self.sim.control('cancel', cliOrdId=reason, reason=reason)
            self.assertEqual(self.lookup(reason)[0]['updateReason'], reason)
        self.assertEqual(self.sim.request('POST', '/sim/cancel',
                                          '{"cliOrdId":"a","reason":"X"}')[0], 400)

    def test_foreign_order(self):
        self.sim.control('foreign', symbol='PI_XBTUSD', side='sell', size=5, price=70000)
        item, = self.sim.ask('GET', 'openorders')['openOrders']
        self.assertNotIn('cliOrdId', item)
        self.assertTrue(list(self.sim.summary().values())[0]['foreign'])
        self.assertTrue(self.sim.audit()[0]['foreign'])
        self.sim.control('foreign', symbol='PI_XBTUSD', side='sell', size=5, type='mkt',
                         liquidation=True)
        self.assertEqual(self.fills()[0]['fillType'], 'liquidation')

    def test_auto_fill(self):
        self.sim.control('auto', full=0.5, partial=0.25, seed=7)
        for n in range(200):
            self.send('a%d' % n)
        filled = [s['status'] for s in self.sim.summary().values()].count('filled')
        partial = sum(1 for s in self.sim.summary().values() if s['filled'] == '5000')
        self.assertTrue(75 < filled < 125, filled)
        self.assertTrue(30 < partial < 75, partial)
