"""Fingerprints of texts: the least hashes of their stretches of three characters.

Letters and digits alone count, in lower case. Short texts that differ in a few typing errors are
copies; a sentence that says the same in other words is none.

References:
    Broder 1997, "On the resemblance and containment of documents", doi:10.1109/SEQUEN.1997.666900
"""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints, Keys, Prints
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.kernels import kernel

SHINGLE = 3  # characters
BANDS, ROWS = 32, 4  # copies with three typing errors share a key in 98 of 100 cases
HASHES = BANDS * ROWS
FEWEST = 8  # letters and digits
ERRORS, SHARE = 3, 0.1  # edits that a copy may have: the larger of a number and a share
LONGEST = 4_096  # characters that are compared
NEITHER = re.compile(r"[^\w]|_")
_MULTIPLIERS = np.random.default_rng(0).integers(1, 2**63, HASHES, np.uint64) | np.uint64(1)
_ADDED = np.random.default_rng(1).integers(0, 2**63, HASHES, np.uint64)


def letters(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return NEITHER.sub("", unicodedata.normalize("NFKC", text).casefold())


def take(text: str, _rate: float) -> bytes | None:
    """The least of each hash over all shingles, ``HASHES`` numbers of 32 bits."""
    plain = letters(text)[:LONGEST]
    if len(plain) < FEWEST:
        return None
    return bytes(_least(_points(plain), _MULTIPLIERS, _ADDED).tobytes())


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@kernel
def _least(points, multipliers, added):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    out = np.full(multipliers.size, np.uint32(0xFFFFFFFF), np.uint32)
    for i in range(points.size - 2):
        shingle = (np.uint64(points[i]) << np.uint64(42)) ^ (
            np.uint64(points[i + 1]) << np.uint64(21)
        )
        shingle ^= np.uint64(points[i + 2])
        shingle *= np.uint64(0x9E3779B97F4A7C15)
        shingle ^= shingle >> np.uint64(29)
        for k in range(multipliers.size):
            value = np.uint32((shingle * multipliers[k] + added[k]) >> np.uint64(32))
            out[k] = min(out[k], value)
    return out


def stored(prints: Prints) -> Keys:
    """A key for each band of hashes, ``(n, band)``."""
    hashes = np.ascontiguousarray(prints).view(np.uint32).reshape(len(prints), BANDS, ROWS)
    keys = np.zeros((len(prints), BANDS), np.uint64)
    for row in range(ROWS):
        keys = keys * np.uint64(0x100000001B3) ^ hashes[:, :, row]
        keys ^= keys >> np.uint64(31)
    return keys


def wanted(prints: Prints) -> Keys:
    """The same keys, ``(n, 1, band)``."""
    return stored(prints)[:, None]


def close(prints: Prints, first: Ints, second: Ints) -> Bools:
    """Whether texts share enough hashes to be worth a look, ``(m,)``."""
    hashes = np.ascontiguousarray(prints).view(np.uint32).reshape(len(prints), HASHES)
    shared = (hashes[first] == hashes[second]).mean(axis=1)
    return np.asarray(shared >= 0.25)  # what three errors leave of eight characters is more


def same(first: str, _first: float, second: str, _second: float) -> bool:
    """Whether texts differ in so few letters as a person mistypes."""
    one, other = letters(first)[:LONGEST], letters(second)[:LONGEST]
    most = max(ERRORS, int(SHARE * max(len(one), len(other))))
    if abs(len(one) - len(other)) > most:
        return False
    return bool(_edits(_points(one), _points(other), most) <= most)


@kernel
def _edits(one, other, most):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Optimal string alignment distance; more than ``most`` is ``most + 1``."""
    before = np.zeros(other.size + 1, np.int64)
    last = np.arange(other.size + 1)
    for i in range(1, one.size + 1):
        row = np.empty(other.size + 1, np.int64)
        row[0] = i
        least = i
        for j in range(1, other.size + 1):
            cost = 0 if one[i - 1] == other[j - 1] else 1
            value = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                value = min(value, before[j - 2] + 1)
            row[j] = value
            least = min(least, value)
        if least > most:
            return most + 1
        before, last = last, row
    return last[other.size]


FINGERPRINT = Fingerprint(
    take=take,
    stored=stored,
    wanted=wanted,
    close=close,
    same=same,
    finds="the same text in other case, spaces or punctuation, and with typing errors: up to 3, or "
    "a tenth of its letters",
    source="Broder 1997; optimal string alignment: Boytsov 2011, doi:10.1145/1963190.1963191; "
    "limits measured on 5,000 captions",
)
