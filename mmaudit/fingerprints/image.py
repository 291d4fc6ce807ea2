"""Fingerprints of pictures: signs of the low frequencies, of the whole and of nine windows of it.

The windows are of 95 % of the sides, so that a crop meets the picture that it was taken from. The
signs of odd columns turn in a mirrored picture, so that its fingerprint costs nothing.
"""

import cv2
import numpy as np

from mmaudit.arrays import Bools, Grey, Ints, Keys, Pixels, Prints
from mmaudit.checks.planes import Planes, planes
from mmaudit.fingerprints._thumbnail import thumbnail
from mmaudit.fingerprints.base import Fingerprint, bands

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
ALIKE = 0.93  # correlation of one thumbnail inside another: strangers .882 at most
SCALES = (64, 62, 61, 60, 58, 56)


def take(picture: Planes, _rate: float) -> bytes | None:
    """Signs of the whole and of the windows, ``WINDOWS x BYTES`` bytes."""
    grey = picture.luma
    if min(grey.shape) < SMALLEST:
        return None
    whole = thumbnail(grey, THUMBNAIL)
    if cv2.meanStdDev(whole)[1][0, 0] < PLAIN:
        return None
    windows = _OF_WINDOWS @ thumbnail(grey, LARGE) @ _OF_WINDOWS.T
    of_whole = _OF_WHOLE @ whole @ _OF_WHOLE.T
    of_windows = windows.reshape(len(STARTS), SIDE, len(STARTS), SIDE).swapaxes(1, 2)
    signs = np.concatenate([of_whole.ravel() > 0, (of_windows > 0).ravel()])
    return np.packbits(signs).tobytes()


def stored(prints: Prints) -> Keys:
    """Keys of the whole pictures, ``(n, band)``."""
    return bands(_bits(prints)[:, 0], ORDERS)


def wanted(prints: Prints) -> Keys:
    """Keys of the pictures, their windows and their mirror images, ``(n, window, band)``."""
    bits = _bits(prints)
    mirrored = np.where(TURNS, 1 - bits[:, :1], bits[:, :1])
    return bands(np.concatenate([bits, mirrored], axis=1), ORDERS)


def close(prints: Prints, first: Ints, second: Ints) -> Bools:
    """Whether a window of one picture, or its mirror image, differs little from the other."""
    words = prints.reshape(len(prints), WINDOWS, BYTES)
    turned = words[:, :1] ^ np.packbits(TURNS)
    windows = np.concatenate([words, turned], axis=1).view(np.uint64)
    wholes = np.ascontiguousarray(words[:, 0]).view(np.uint64)[:, None]
    least = np.minimum(
        _different(windows[first], wholes[second]), _different(windows[second], wholes[first])
    )
    return np.asarray(least <= MOST_DIFFERENT)


def _different(windows: Keys, whole: Keys) -> Ints:
    """Bits in which the closest window differs, ``(m,)``."""
    return np.bitwise_count(windows ^ whole).sum(axis=2, dtype=np.int64).min(axis=1)


def _bits(prints: Prints) -> Prints:
    return np.unpackbits(prints.reshape(len(prints), WINDOWS, BYTES), axis=2)


def same(first: Pixels, _first: float, second: Pixels, _second: float) -> bool:
    """Whether a thumbnail of one picture is found inside the other, as it is or mirrored."""
    one, other = planes(first).luma, planes(second).luma
    return max(alike(one, other), alike(one, np.ascontiguousarray(other[:, ::-1]))) >= ALIKE


def alike(one: Grey, other: Grey) -> float:
    """Largest correlation of a thumbnail of one picture inside that of the other."""
    best = -1.0
    for outer, inner in ((one, other), (other, one)):
        whole = thumbnail(outer, THUMBNAIL)
        for side in SCALES:
            part = thumbnail(inner, side)
            scores = cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED)
            best = max(best, float(scores.max()))
    return best


FINGERPRINT = Fingerprint(
    view=planes,
    take=take,
    stored=stored,
    wanted=wanted,
    close=close,
    same=same,
    finds="the same picture encoded again, resized, brighter or darker, mirrored, or cropped by up "
    "to 5 %",
    version=2,
    source="signs of the discrete cosine transform, after Zauner 2010, 'Implementation and "
    "benchmarking of perceptual image hash functions'; windows, mirror and limits are ours",
)
