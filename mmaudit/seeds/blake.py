"""BLAKE2b of many short texts at once, by compiled code: the same hashes as hashlib's.

Hashing one text is a chain of operations that wait for each other, so many texts go side by side.

References:
    RFC 7693, "The BLAKE2 Cryptographic Hash and Message Authentication Code"
"""

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

MANY = 1024  # from so many on, it is worth loading what is compiled
LANES = 64  # texts side by side: what is held of them stays in the first-level cache
_IV = np.array(
    [
        *(0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1),
        *(0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179),
    ],
    np.uint64,
)
_START = np.array([_IV[0] ^ np.uint64(0x01010008), *_IV[1:]], np.uint64)  # 8 bytes, no key
_SIGMA = """
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15   14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3
    11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4   7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8
    9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13   2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9
    12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11   13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10
    6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5   10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15   14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3
"""  # which words of the message each of the twelve rounds takes
_MIXED = "0 4 8 12 1 5 9 13 2 6 10 14 3 7 11 15 0 5 10 15 1 6 11 12 2 7 8 13 3 4 9 14"
_STEPS = np.concatenate(
    [
        np.tile(np.array(_MIXED.split(), np.int64).reshape(-1, 4), (12, 1)),
        np.array(_SIGMA.split(), np.int64).reshape(-1, 2) + 16,
    ],
    axis=1,
)  # rows of the state that each step mixes, and the two rows of the message that it takes
_U1, _U16, _U24, _U32 = np.uint64(1), np.uint64(16), np.uint64(24), np.uint64(32)
_U40, _U48, _U63 = np.uint64(40), np.uint64(48), np.uint64(63)
_ALL = np.uint64(2**64 - 1)


def hashed(common: bytes, ids: list[str]) -> NDArray[np.uint64]:
    """BLAKE2b with 8 bytes of ``common + f"{len(id)}:{id}"`` of each id, in UTF-8.

    Returns:
        ``(ids,)``; the bytes of a hash are those of a little-endian number.
    """
    sizes = np.fromiter(map(len, ids), np.int64, len(ids))
    together = np.frombuffer("".join(ids).encode("utf-8", "surrogatepass"), np.uint8)
    out = np.empty(len(ids), np.uint64)
    with np.errstate(over="ignore"):  # sums are modulo 2**64, also where they are not compiled
        _hash(np.frombuffer(common, np.uint8), together, sizes, out)
    return out


@njit(cache=True, nogil=True)
def _hash(
    common: NDArray[np.uint8],
    together: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> None:
    """Hash the ids, which are given end to end with their lengths in characters."""
    most = common.size + 4 * sizes.max() + 21  # bytes: UTF-8, the digits of a length, a colon
    text = np.zeros((LANES, (most + 127) // 128 * 128), np.uint8)
    for lane in range(LANES):
        for i in range(common.size):
            text[lane, i] = common[i]
    ends = np.zeros(LANES, np.int64)
    chain, state = np.empty((8, LANES), np.uint64), np.empty((32, LANES), np.uint64)
    at = 0
    for first in range(0, sizes.size, LANES):
        count, longest = min(LANES, sizes.size - first), 0
        for lane in range(count):
            before = ends[lane]
            ends[lane] = _number(sizes[first + lane], text[lane], common.size)
            at, ends[lane] = _name(together, at, sizes[first + lane], text[lane], ends[lane])
            for i in range(ends[lane], before):
                text[lane, i] = 0
            longest = max(longest, ends[lane])
        for i in range(8):
            for lane in range(LANES):
                chain[i, lane] = _START[i]
        for start in range(0, longest, 128):
            _compress(chain, state, text.view(np.uint64), ends, start)
        for lane in range(count):
            out[first + lane] = chain[0, lane]


@njit(nogil=True)
def _number(value, text, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write a number in decimal digits and a colon; return where they end."""
    power = 1
    while power * 10 <= value:
        power *= 10
    while power:
        text[at] = 48 + value // power % 10
        at += 1
        power //= 10
    text[at] = 58
    return at + 1


@njit(nogil=True)
def _name(together, begin, left, text, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Copy so many characters of UTF-8; return the ends in both."""
    while begin < together.size and (left or together[begin] & 0xC0 == 0x80):
        left -= together[begin] & 0xC0 != 0x80
        text[at] = together[begin]
        begin, at = begin + 1, at + 1
    return begin, at


@njit(nogil=True)
def _compress(chain, state, text, ends, start):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The compression of BLAKE2b: the 128 bytes of each lane from ``start`` on."""
    upto = start + 128
    for lane in range(LANES):
        for i in range(8):
            state[i, lane], state[8 + i, lane] = chain[i, lane], _IV[i]
        state[12, lane] ^= uint64(min(ends[lane], upto))
        if ends[lane] <= upto:
            state[14, lane] ^= _ALL
        for i in range(16):
            state[16 + i, lane] = text[lane, start // 8 + i]
    for step in range(_STEPS.shape[0]):
        rows = _STEPS[step]
        a, b, c, d = state[rows[0]], state[rows[1]], state[rows[2]], state[rows[3]]
        x, y = state[rows[4]], state[rows[5]]
        for lane in range(LANES):
            p, q, r, s = a[lane], b[lane], c[lane], d[lane]
            p = p + q + x[lane]
            s = (s ^ p) >> _U32 | (s ^ p) << _U32
            r = r + s
            q = (q ^ r) >> _U24 | (q ^ r) << _U40
            p = p + q + y[lane]
            s = (s ^ p) >> _U16 | (s ^ p) << _U48
            r = r + s
            q = (q ^ r) >> _U63 | (q ^ r) << _U1
            a[lane], b[lane], c[lane], d[lane] = p, q, r, s
    for lane in range(LANES):
        if start < ends[lane]:
            for i in range(8):
                chain[i, lane] ^= state[i, lane] ^ state[8 + i, lane]
