"""Fingerprints of pictures: signs of the low frequencies, of the whole and of nine windows of it.

The windows are of 95 % of the sides, so that a crop meets the picture that it was taken from. The
signs of odd columns turn in a mirrored picture, so that its fingerprint costs nothing. The last
signs are of its structure, by which a picture whose parts have other colours is met.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mmaudit.arrays import Bools, Grey, Ints, Keys, Pixels, Prints, Singles
from mmaudit.checks.planes import Planes, planes
from mmaudit.fingerprints._structure import FAINT, agreement, field, layers, least_agreement
from mmaudit.fingerprints._thumbnail import thumbnail, thumbnails
from mmaudit.fingerprints.base import Fingerprint, bands
from mmaudit.kernels import kernel

SIDE = 16  # frequencies an axis, without the constant one
THUMBNAIL = 4 * SIDE
LARGE, WINDOW = 80, 76  # of the thumbnail that windows are cut from
STARTS = (0, 2, 4)
WINDOWS = 1 + 9
BYTES = SIDE * SIDE // 8
MOST_DIFFERENT = 60  # bits of 256: strangers differ in 79 or more, copies in at most 42
SMALLEST = 48  # pixels a side: of two smaller pictures, as of digits, the same class is alike
PLAIN = 2.0  # standard deviation of grey levels below which a picture has no signs
ORDERS = np.stack(
    [np.arange(SIDE**2), *(np.random.default_rng(i).permutation(SIDE**2) for i in (1, 2))]
)
TURNS = np.tile(np.arange(1, SIDE + 1) % 2 == 1, SIDE)  # what a mirror turns
_OF_WHOLE = cv2.dct(np.eye(THUMBNAIL, dtype=np.float32), flags=cv2.DCT_ROWS).T[1 : SIDE + 1]
# of a window that is made as small as the whole, by one matrix
_OF_WINDOW = _OF_WHOLE @ cv2.resize(
    np.eye(WINDOW, dtype=np.float32), (WINDOW, THUMBNAIL), interpolation=cv2.INTER_LINEAR
)
# of all windows at once: one below the other, each at its place of the large thumbnail
_OF_WINDOWS = np.concatenate(
    [np.pad(_OF_WINDOW, ((0, 0), (start, LARGE - WINDOW - start))) for start in STARTS]
)
# of the structure: the lowest of its two parts, and the orders in which they are keys
_DOWN, _RIGHT = np.divmod(np.arange(SIDE**2), SIDE)
_LOWEST = np.argsort(_DOWN**2 + _RIGHT**2, kind="stable")[: SIDE**2 // 2]
STRUCTURE_DIFFERENT = 64  # bits of 256: strangers differ in 89 or more
NO_KEY = np.uint64(2**32)  # that nothing is stored under
ALIKE = 0.93  # correlation of one thumbnail inside another: strangers .882 at most
# of the same frame the edges have to agree everywhere: where little has been drawn differently, as
# the hands of a clock, the correlation is as high as that of copies
FIRM, AROUND, FIRM_ALIKE = 200.0, 5.0, 0.5  # squared slope, pixels, least agreement
# of parts in other colours: correlation of the thumbnails, agreement of edges, of all and around
# any, within so many pixels
RECOLOURED, EDGES_ALIKE, EDGES_AROUND, EDGES_NEARBY = 0.6, 0.88, 0.35, 3.0
SMOOTH = 1.0  # pixels
SCALES = (64, 62, 61, 60, 58, 56)


def take(picture: Planes, _rate: float) -> bytes | None:
    """Signs of the whole, the windows and the structure, ``(WINDOWS + 1) x BYTES`` bytes."""
    grey = picture.luma
    if min(grey.shape) < SMALLEST:
        return None
    whole, large = thumbnails(grey, (THUMBNAIL, LARGE))
    beside, variance = layers(whole)
    if variance < PLAIN**2:
        return None
    of_rows = _OF_WHOLE @ beside.reshape(THUMBNAIL, -1)
    of_all = of_rows.reshape(-1, THUMBNAIL) @ _OF_WHOLE.T
    of_windows = _OF_WINDOWS @ large @ _OF_WINDOWS.T
    packed: Prints = _signs(of_all.reshape(SIDE, 3, SIDE), of_windows, _LOWEST)
    return packed.tobytes()


@kernel
def _signs(of_all: Singles, of_windows: Singles, lowest: Ints) -> Prints:
    """Whether frequencies are above 0, a bit each, the first of eight the highest one.

    Args:
        of_all: Of the levels and of both parts of their structure, ``(down, 3, right)``.
        of_windows: Of windows beside and below each other, each ``(down, right)``.
        lowest: Which of the structure count, ``(n,)``.
    """
    signs = np.empty((WINDOWS + 1) * SIDE**2, np.bool_)
    at = 0
    for i in range(SIDE):
        for j in range(SIDE):
            signs[at] = of_all[i, 0, j] > 0
            at += 1
    for window in range(WINDOWS - 1):
        down, right = window // len(STARTS) * SIDE, window % len(STARTS) * SIDE
        for i in range(down, down + SIDE):
            for j in range(right, right + SIDE):
                signs[at] = of_windows[i, j] > 0
                at += 1
    for part in (1, 2):
        for k in lowest:
            signs[at] = of_all[k // SIDE, part, k % SIDE] > 0
            at += 1
    packed = np.empty(len(signs) // 8, np.uint8)
    for byte in range(len(packed)):
        bits = 0
        for k in range(8):
            bits = 2 * bits + signs[8 * byte + k]
        packed[byte] = bits
    return packed


def stored(prints: Prints) -> Keys:
    """Keys of the whole pictures and of their structure, ``(n, band)``."""
    bits = _bits(prints)
    return np.concatenate([bands(bits[:, 0], ORDERS), bands(bits[:, -1], ORDERS)], axis=-1)


def wanted(prints: Prints) -> Keys:
    """Keys of the pictures, their windows, mirror images and structure, ``(n, window, band)``."""
    bits = _bits(prints)
    mirrored = np.where(TURNS, 1 - bits[:, :1], bits[:, :1])
    windows = bands(np.concatenate([bits[:, :-1], mirrored], axis=1), ORDERS)
    edges = np.full_like(windows, NO_KEY)  # one structure stands for all windows
    edges[:, 0] = bands(bits[:, -1], ORDERS)
    return np.concatenate([windows, edges], axis=-1)


def close(prints: Prints, first: Ints, second: Ints) -> Bools:
    """Whether a window of one picture, or its mirror image, differs little from the other.

    Or the structure of one from that of the other.
    """
    every = prints.reshape(len(prints), WINDOWS + 1, BYTES)
    turned = every[:, :1] ^ np.packbits(TURNS)
    windows = np.concatenate([every[:, :WINDOWS], turned], axis=1).view(np.uint64)
    wholes = np.ascontiguousarray(every[:, 0]).view(np.uint64)[:, None]
    edges = np.ascontiguousarray(every[:, WINDOWS:]).view(np.uint64)
    least = np.minimum(
        _different(windows[first], wholes[second]), _different(windows[second], wholes[first])
    )
    of_edges = _different(edges[first], edges[second])
    return np.asarray((least <= MOST_DIFFERENT) | (of_edges <= STRUCTURE_DIFFERENT))


def _different(windows: Keys, whole: Keys) -> Ints:
    """Bits in which the closest window differs, ``(m,)``."""
    return np.bitwise_count(windows ^ whole).sum(axis=2, dtype=np.int64).min(axis=1)


def _bits(prints: Prints) -> Prints:
    return np.unpackbits(prints.reshape(len(prints), WINDOWS + 1, BYTES), axis=2)


def same(first: Pixels, _first: float, second: Pixels, _second: float) -> bool:
    """Whether one picture is found inside the other, as it is, mirrored, or in other colours."""
    one, other = planes(first), planes(second)
    direct = best_match(one.luma, other.luma)
    mirrored = best_match(one.luma, np.ascontiguousarray(other.luma[:, ::-1]))
    if _unchanged(max(direct, mirrored, key=lambda match: match.correlation)):
        return True
    return direct.correlation >= RECOLOURED and _recoloured(one, other)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a thumbnail of one picture is most like a part of that of another.

    Attributes:
        correlation: Of the two, in [-1, 1].
        outer: Levels of the picture of which the other is a part, ``(h, w)``.
        inner: Those of that other picture.
        side: Pixels a side of the thumbnail of the inner one.
    """

    correlation: float
    outer: Grey
    inner: Grey
    side: int


def best_match(one: Grey, other: Grey) -> Match:
    """Where a thumbnail of one picture is most like a part of that of the other."""
    best = Match(-1.0, one, other, THUMBNAIL)
    for outer, inner in ((one, other), (other, one)):
        whole = thumbnail(outer, THUMBNAIL)
        for side in SCALES:
            scores = cv2.matchTemplate(whole, thumbnail(inner, side), cv2.TM_CCOEFF_NORMED)
            if (highest := float(scores.max())) > best.correlation:
                best = Match(highest, outer, inner, side)
    return best


def _unchanged(match: Match) -> bool:
    """Whether one picture is a part of another, or all of it and nothing is drawn differently."""
    if match.correlation < ALIKE or match.side < THUMBNAIL:
        return match.correlation >= ALIKE
    outer, inner = (_edges([levels], FIRM) for levels in (match.outer, match.inner))
    return least_agreement(outer, inner, AROUND) >= FIRM_ALIKE


def _recoloured(one: Planes, other: Planes) -> bool:
    """Whether the edges of two pictures are the same ones, everywhere."""
    first, second = (_edges(cv2.split(picture.colour)) for picture in (one, other))
    if agreement(first, second) < EDGES_ALIKE:
        return False
    return least_agreement(first, second, EDGES_NEARBY) >= EDGES_AROUND


def _edges(channels: Sequence[Grey], flat: float = FAINT) -> Singles:
    return field([thumbnail(levels, THUMBNAIL) for levels in channels], SMOOTH, flat)


FINGERPRINT = Fingerprint(
    view=planes,
    take=take,
    stored=stored,
    wanted=wanted,
    close=close,
    same=same,
    finds="the same picture encoded again, resized, brighter or darker, mirrored, cropped by up to "
    "5 %, or with parts in other colours",
    version=3,
    source="signs of the discrete cosine transform, after Zauner 2010, 'Implementation and "
    "benchmarking of perceptual image hash functions'; windows, mirror and limits are ours",
)
