"""What a fingerprint is: a few bytes of a value by which its near copies are found among millions.

A fingerprint is a part, one file a kind of modality: ``fingerprints/image.py`` is that of pictures,
and its constant ``FINGERPRINT`` is a `Fingerprint`. Copies are found in three steps, each surer and
dearer than the one before: values that share a key, fingerprints that are close, values that are
the same to an eye or an ear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import contract
from mmaudit.arrays import Bools, Ints, Keys, Prints

FOLDER = "fingerprints"
LEARNT = 2_000  # values that a fingerprint learns from, at most


def _itself(value: Any, _rate: float) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """How near copies of a kind of value are found.

    Attributes:
        take: The fingerprint of a decoded value, from what its view shows and its samples a second;
            always as many bytes. None where the value is too small or too plain to have one.
        stored: Keys of fingerprints, ``(n, band)``: values that share a key in a band are looked
            at.
        wanted: Keys by which others are looked for, ``(n, window, band)``.
        close: Whether pairs of fingerprints, of values at ``(m,)`` positions each, are close.
        same: Whether two decoded values are near copies of each other; each with its samples a
            second.
        finds: Which copies it finds, for people.
        source: Papers and constants.
        version: Raised whenever a fingerprint changes.
        learn: The fingerprint of a dataset, from some of its values, at most `LEARNT`, and from how
            many there are; None where copies are as close in every dataset.
        view: What is looked at, from a decoded value and its samples a second, as that of a check:
            where a check names the same function, it is made once for both.
    """

    take: Callable[[Any, float], bytes | None]
    stored: Callable[[Prints], Keys]
    wanted: Callable[[Prints], Keys]
    close: Callable[[Prints, Ints, Ints], Bools]
    same: Callable[[Any, float, Any, float], bool]
    finds: str
    source: str
    version: int = 1
    learn: "Callable[[Sequence[Any], int], Fingerprint] | None" = None
    view: Callable[[Any, float], Any] = _itself

    def of(self, value: Any, rate: float) -> bytes | None:
        """The fingerprint of a decoded value, with its samples a second; None of a plain one."""
        return self.take(self.view(value, rate), rate)


def check(name: str, part: object) -> None:
    """Refuse a module without a ``FINGERPRINT``.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    lacking = contract.lacks_constant(part, "FINGERPRINT", Fingerprint)
    contract.refuse(FOLDER, name, part, lacking, contract.place(Fingerprint))


def bands(bits: NDArray[np.uint8], orders: NDArray[np.int64], width: int = 16) -> Keys:
    """Keys of bit strings: stretches of ``width`` bits in each of some orders of the bits.

    Args:
        bits: Bit strings, ``(…, bit)`` of 0 and 1.
        orders: Orders of the bits, ``(order, bit)``.
        width: Bits of a key.

    Returns:
        ``(…, band)``.
    """
    weights = np.uint64(1) << np.arange(width, dtype=np.uint64)
    keys = [
        bits[..., order].reshape(*bits.shape[:-1], -1, width).astype(np.uint64) @ weights
        for order in orders
    ]
    return np.concatenate(keys, axis=-1)
