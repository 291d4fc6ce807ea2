"""Randomness that depends on what is being done and to which sample, and on nothing else.

A sequence of random 32-bit words is a pure function of a key, and the key is a hash of the seed,
the purpose and the sample's id. So a sample's randomness does not depend on batch size, order,
worker count, engine or device, and any cell of any table can be made again alone. Severity is not
in the key: the severities of one sample share their noise, so that curves are monotone and
differences between severities are paired.

The words are those of Philox4x32-10 with the counter layout of Random123: word ``j`` of stream
``s`` is word ``j % 4`` of the block with counter ``(j // 4, 0, 0, s)``. Compiled code, NumPy and
torch make the same words; `philox` is the one definition of a block for arrays of any library.

References:
    Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
    doi:10.1145/2063384.2063405
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numba import njit, uint32, uint64
from numpy.typing import NDArray

from mmaudit.kernels import kernel

ROUNDS = 10
MASK = 0xFFFFFFFF
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
BLOCK = 64  # counter blocks made at once: enough for SIMD, small enough for the first-level cache

_M0, _M1 = np.uint64(MULTIPLIERS[0]), np.uint64(MULTIPLIERS[1])
_W0, _W1 = np.uint64(WEYL[0]), np.uint64(WEYL[1])
_LOW, _HALF = np.uint64(MASK), np.uint64(32)


def digest(*parts: str | int) -> int:
    """64-bit hash of a sequence of strings and numbers; different sequences never join alike."""
    text = "\x1f".join(f"{len(str(part))}:{part}" for part in parts)
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def philox(counter: tuple[Any, Any, Any, Any], key: tuple[Any, Any]) -> tuple[Any, Any, Any, Any]:
    """One block of Philox4x32-10 for 64-bit integer arrays of any library (NumPy, torch).

    Args:
        counter: Four words, each an int64 array (or a number) that holds values below 2**32.
        key: Two words, likewise.

    Returns:
        Four words of the shape of the counter, each below 2**32.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        # the product wraps in a signed 64-bit integer; the mask after the shift restores it
        p0, p1 = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            ((p1 >> 32) & MASK) ^ c1 ^ k0,
            p1 & MASK,
            ((p0 >> 32) & MASK) ^ c3 ^ k1,
            p0 & MASK,
        )
        k0, k1 = (k0 + WEYL[0]) & MASK, (k1 + WEYL[1]) & MASK
    return c0, c1, c2, c3


@njit(inline="always")
def _round(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    p0 = uint64(c0) * _M0
    p1 = uint64(c2) * _M1
    return (
        uint32((p1 >> _HALF) ^ uint64(c1) ^ uint64(k0)),
        uint32(p1 & _LOW),
        uint32((p0 >> _HALF) ^ uint64(c3) ^ uint64(k1)),
        uint32(p0 & _LOW),
    )


@njit(inline="always")
def block(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """One block in compiled code: four uint32 words for a counter and a key of uint32 words."""
    for _ in range(ROUNDS):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0 = uint32((uint64(k0) + _W0) & _LOW)
        k1 = uint32((uint64(k1) + _W1) & _LOW)
    return c0, c1, c2, c3


@kernel
def fill(key0: int, key1: int, stream: int, out: NDArray[np.uint32]) -> None:
    """Fill an array, whose size is a multiple of 4, with the words of one stream."""
    k0, k1, s, zero = uint32(key0), uint32(key1), uint32(stream), uint32(0)
    planes = np.empty((4, BLOCK), np.uint32)
    for start in range(0, out.size // 4, BLOCK):
        count = min(BLOCK, out.size // 4 - start)
        for i in range(count):
            a, b, c, d = block(uint32(start + i), zero, zero, s, k0, k1)
            planes[0, i] = a
            planes[1, i] = b
            planes[2, i] = c
            planes[3, i] = d
        for i in range(count):
            for j in range(4):
                out[4 * (start + i) + j] = planes[j, i]


@kernel
def _fill_keys(keys: NDArray[np.uint64], stream: int, out: NDArray[np.uint32]) -> None:
    zero, s = uint32(0), uint32(stream)
    for i in range(keys.size):
        k0, k1 = uint32(keys[i] & _LOW), uint32(keys[i] >> _HALF)
        for j in range(0, out.shape[1], 4):
            words = block(uint32(j // 4), zero, zero, s, k0, k1)
            for t in range(min(4, out.shape[1] - j)):
                out[i, j + t] = words[t]


@dataclass(frozen=True, slots=True)
class Words:
    """The random words of one key, in numbered streams.

    Every method is a pure function: the same call gives the same numbers. Draw different things
    from different streams.

    Attributes:
        key: 64-bit key; its low half is the first word of Philox's key.
    """

    key: int

    @property
    def halves(self) -> tuple[int, int]:
        """The key as the two 32-bit words that compiled code takes."""
        return self.key & MASK, self.key >> 32

    def u32(self, n: int, stream: int = 0) -> NDArray[np.uint32]:
        """The first ``n`` words of a stream, ``(n,)``."""
        out = np.empty((n + 3) // 4 * 4, np.uint32)
        fill(*self.halves, stream, out)
        return out[:n]

    def uniforms(self, n: int, stream: int = 0) -> NDArray[np.float64]:
        """``n`` numbers strictly inside (0, 1), on a grid of 2**-32, ``(n,)``."""
        return (self.u32(n, stream).astype(np.float64) + 0.5) * 2.0**-32

    def integers(self, n: int, high: int, stream: int = 0) -> NDArray[np.int64]:
        """``n`` integers in [0, high), ``(n,)``; the bias is below ``high / 2**32``."""
        return (self.u32(n, stream).astype(np.uint64) * np.uint64(high) >> _HALF).astype(np.int64)

    def normals(self, n: int, stream: int = 0) -> NDArray[np.float64]:
        """``n`` standard normal numbers by the Box-Muller transform, ``(n,)``."""
        pairs = (n + 1) // 2
        u = self.uniforms(2 * pairs, stream)
        radius = np.sqrt(-2.0 * np.log(u[:pairs]))
        angle = 2.0 * np.pi * u[pairs:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:n]

    def permutation(self, n: int, stream: int = 0) -> NDArray[np.int64]:
        """A random order of ``0 … n - 1``, ``(n,)``."""
        return np.argsort(self.u32(n, stream), kind="stable")


def words(seed: int, purpose: str, sample_id: str = "") -> Words:
    """The random words for doing one thing to one sample.

    Args:
        seed: The run's seed.
        purpose: What the randomness is for, such as ``"image/fog@left_camera"``.
        sample_id: Id of the sample, empty for what concerns the whole set.

    Example:
        >>> words(0, "image/fog@left_camera", "sample-7").u32(2)
        array([1310909564, 2101613823], dtype=uint32)
        >>> words(0, "image/fog@left_camera", "sample-8").u32(2)
        array([3534349357, 1468600894], dtype=uint32)
    """
    return Words(digest(seed, purpose, sample_id))


def permanent(keys: NDArray[np.uint64], n: int = 1, stream: int = 0) -> NDArray[np.uint64]:
    """Permanent random numbers: ``n`` 64-bit numbers for each of many keys, ``(keys, n)``.

    Sorting samples by a permanent random number gives an order that depends on the set of ids
    alone, and taking the ``k`` smallest gives exact counts that are nested in ``k``.

    Args:
        keys: One key a sample, from `digests`, ``(keys,)``.
        n: Numbers for each key.
        stream: Stream of the words.
    """
    out = np.empty((keys.size, 2 * n), np.uint32)
    _fill_keys(keys, stream, out)
    wide = out.astype(np.uint64).reshape(keys.size, n, 2)
    return wide[..., 0] << _HALF | wide[..., 1]


def digests(seed: int, purpose: str, ids: list[str]) -> NDArray[np.uint64]:
    """The keys of many samples, ``(ids,)``, equal to ``words(seed, purpose, id).key`` of each."""
    text = "".join(f"{len(str(part))}:{part}\x1f" for part in (seed, purpose))
    begin = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).copy
    keys = []
    for name in ids:
        state = begin()
        state.update(f"{len(name)}:{name}".encode("utf-8", "surrogatepass"))
        keys.append(state.digest())
    return np.frombuffer(b"".join(keys), "<u8").astype(np.uint64)
