"""A client of the venue simulator for tests: starts the binary, signs as the fact sheet says (an
implementation of its own), calls, and reads the audit. Standard library only.
"""
import base64
import hashlib
import hmac
import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import unittest
import urllib.parse

KEY = 'sim-key'
SECRET = base64.b64encode(bytes(range(64))).decode()    # of the fact sheet's vectors
SECRET_B = base64.b64encode(bytes(range(64, 128))).decode()
API = '/derivatives/api/v3/'
HISTORY = '/api/history/v3/'


def sign(secret, path, data, nonce=''):
    """Authent of fact sheet section 2.2."""
    if path.startswith('/derivatives'):
        path = path[len('/derivatives'):]
    digest = hashlib.sha256((data + nonce + path).encode()).digest()
    return base64.b64encode(hmac.new(base64.b64decode(secret), digest,
                                     hashlib.sha512).digest()).decode()


class Sim:
    """The process and one kept-alive connection to it."""

    def __init__(self, binary, *arguments):
        self.process = subprocess.Popen([binary, '--port', '0', *arguments], stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r'venuesim listening on (https?)://127\.0\.0\.1:(\d+)\n', line)
        assert found, 'first line: %r' % line
        self.scheme, self.port = found.group(1), int(found.group(2))
        self.connection = None

    def connect(self):
        if self.scheme == 'https':
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=10, context=context)
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=10)

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body text); keeps the connection alive."""
        if self.connection is None:
            self.connection = self.connect()
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.connection.request(method, path, body, headers or {})
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except Exception:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return answer.status, answer.headers, text

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def control(self, verb, **fields):
        status, _, text = self.request('POST', '/sim/' + verb, json.dumps(fields))
        assert status == 200, text
        return json.loads(text)

    def call(self, method, endpoint, data='', key=KEY, secret=SECRET, nonce='', in_query=None,
             **extra):
        """A signed call; `data` is the encoded text or a list of pairs."""
        path = endpoint if endpoint.startswith('/') else API + endpoint
        if not isinstance(data, str):
            data = urllib.parse.urlencode(data)
        headers = {'APIKey': key, 'Authent': sign(secret, path, data, nonce)}
        if nonce:
            headers['Nonce'] = nonce
        if method == 'GET' or in_query:
            return self.request(method, path + ('?' + data if data else ''), None,
                                {**headers, **extra})
        headers['Content-Type'] = 'application/x-www-form-urlencoded'
        return self.request(method, path, data, {**headers, **extra})

    def ask(self, method, endpoint, data='', **more):
        status, _, text = self.call(method, endpoint, data, **more)
        assert status == 200, (status, text)
        return json.loads(text)

    def audit(self):
        return [json.loads(line) for line in self.request('GET', '/sim/audit')[2].splitlines()]

    def summary(self):
        return json.loads(self.request('GET', '/sim/audit?summary=1')[2])

    def stop(self, number=signal.SIGTERM):
        self.close()
        self.process.send_signal(number)
        rest = self.process.communicate(timeout=10)[0]
        return self.process.returncode, rest


def order(client_id=None, type='lmt', symbol='PI_XBTUSD', side='buy', size='10000', price='50000',
          **more):
    pairs = [('orderType', type), ('symbol', symbol), ('side', side), ('size', size)]
    if price is not None:
        pairs.append(('limitPrice', price))
    if client_id is not None:
        pairs.append(('cliOrdId', client_id))
    return pairs + list(more.items())


class Case(unittest.TestCase):
    """A simulator for each class of tests, emptied before each test."""
    binary = None
    arguments = ('--no-rate-limit', '--account', 'key-b:' + SECRET_B, '--nonce-window-ms',
                 '3600000')

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim(Case.binary, *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.sim.stop()
        assert code == 0, 'exit code %d' % code

    def setUp(self):
        self.sim.control('reset')

    def send(self, *args, **kw):
        return self.sim.ask('POST', 'sendorder', order(*args, **kw))['sendStatus']

    def status_of(self, *args, **kw):
        return self.send(*args, **kw)['status']

    def cancel(self, client_id):
        return self.sim.ask('POST', 'cancelorder', [('cliOrdId', client_id)])['cancelStatus']

    def edit(self, client_id, **fields):
        return self.sim.ask('POST', 'editorder',
                            [('cliOrdId', client_id)] + list(fields.items()))['editStatus']

    def open_ids(self):
        return [o.get('cliOrdId') for o in self.sim.ask('GET', 'openorders')['openOrders']]

    def lookup(self, *ids):
        return self.sim.ask('POST', 'orders/status', [('cliOrdIds', i) for i in ids])['orders']

    def fills(self):
        return self.sim.ask('GET', 'fills')['fills']
