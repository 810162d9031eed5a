"""Ed25519 signing as RFC 8032 section 5.1 has it, for tests: an implementation of its own, checked
against the fact sheet's vectors. Standard library only; not for anything that must keep a secret."""
import hashlib

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y):
    """The even x of the point with this y."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 else x


BASE = (recover_x(BASE_Y), BASE_Y, 1, recover_x(BASE_Y) * BASE_Y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, p):
    result = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            result = add(result, p)
        p = add(p, p)
        n >>= 1
    return result


def pack(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def scalar(seed):
    digest = hashlib.sha512(seed).digest()
    n = int.from_bytes(digest[:32], 'little')
    return (n & (2 ** 254 - 8)) | 2 ** 254, digest[32:]


def public(seed):
    return pack(multiply(scalar(seed)[0], BASE))


def sign(seed, message):
    n, prefix = scalar(seed)
    key = pack(multiply(n, BASE))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), 'little') % ORDER
    point = pack(multiply(r, BASE))
    h = int.from_bytes(hashlib.sha512(point + key + message).digest(), 'little') % ORDER
    return point + ((r + h * n) % ORDER).to_bytes(32, 'little')
