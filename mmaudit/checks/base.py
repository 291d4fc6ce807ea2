"""What a check is: one number of the quality of a value, that needs no other value to compare with.

A check is a part: the module ``checks/image/blur.py`` is the check ``image/blur``, of every
modality of the kind ``image``, and its constant ``CHECK`` is a `QualityCheck`.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from mmaudit import contract
from mmaudit.arrays import Bools, Floats

KIND = "checks"
V = TypeVar("V")  # what the checks of a kind look at
LEARNT = 20_000  # samples that a check learns from, at most
Bad = Literal["low", "high", "either"]
Scale = Literal["plain", "log", "share", "counts"]
TINY = 1e-9  # what stands for 0 where a logarithm is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCheck(Generic[V]):
    """One number of a value: what it measures, and from where on it is bad.

    Attributes:
        view: What is looked at, from a decoded value and its samples a second (0 where it has
            none): the planes of a picture, the words of a text. Checks that name the same function
            share what it returns.
        measure: The number, from the view; with ``learn``, from the view and what was learnt. NaN
            where it means nothing for the value, as the blur of a single pixel.
        unit: Unit of the number; ``"1"`` for shares.
        bad: Which side is bad; ``either`` is far from the median of the dataset on either side.
        source: Paper and constants, and where we differ.
        sees: Corruptions that it must see: the number gets worse with their severity.
        limit: The value from which on, on the bad side, a value is bad whatever the others are
            like; None where no fixed value is. Where ``either`` side is bad, the distance from
            the median on the natural scale.
        scale: On what scale values of good samples spread evenly to both sides: as they are, by
            their logarithm, or, for shares, by the logarithm of p / (1 - p). ``counts`` has so few
            different values that the others do not say where a tail begins.
        finding: What a value is called that is bad, one phrase: ``blurred``.
        suggestion: What to do about it, one phrase.
        learn: What values of the dataset say of each other, from the views of at most `LEARNT`
            samples, which are chosen by hash of the id, in the order of that hash; a value is then
            measured against the others. None: it needs none of them.
        fewest: Values that it must learn from; it is left out where there are fewer.
        version: Raised whenever the number changes.
    """

    view: Callable[[Any, float], V]
    measure: Callable[..., float]
    unit: str
    bad: Bad
    source: str
    finding: str
    suggestion: str
    sees: tuple[str, ...] = ()
    limit: float | None = None
    scale: Scale = "plain"
    learn: Callable[[Iterable[V]], Any] | None = None
    fewest: int = 0
    version: int = 1

    def worse(self, values: Floats, usual: float | None = None) -> Floats:
        """Values on their natural scale, ``(n,)``, turned so that larger is worse.

        NaN stays NaN.

        Args:
            values: What was measured, ``(n,)``.
            usual: Where ``either`` side is bad, what is usual, as a value; None: their median.
        """
        turned = self._natural(values)
        match self.bad:
            case "high":
                return turned
            case "low":
                return -turned
        if usual is not None:
            return np.abs(turned - self._natural(np.array([usual])))
        present = turned[~np.isnan(turned)]
        return np.abs(turned - np.median(present)) if present.size else turned

    def beyond(self, values: Floats, usual: float | None = None) -> Bools:
        """Which values, ``(n,)``, are past the limit; none where there is no limit.

        Arguments as in `worse`.
        """
        if self.limit is None:
            return np.zeros(len(values), np.bool_)
        with np.errstate(invalid="ignore"):
            match self.bad:
                case "high":
                    return values > self.limit
                case "low":
                    return values < self.limit
            return self.worse(values, usual) > self.limit

    def limits(self, values: Floats) -> tuple[float | None, float | None]:
        """The smallest and the largest number that is not past the limit; None on an open side.

        Args:
            values: What was measured, ``(n,)``, whose median is usual.
        """
        if self.limit is None:
            return None, None
        match self.bad:
            case "high":
                return None, self.limit
            case "low":
                return self.limit, None
        middle = float(np.nanmedian(self._natural(values)))
        low, high = (self._number(middle + side * self.limit) for side in (-1, 1))
        return low, high

    def past(self) -> str:
        """What it is to be past the limit, for people: ``above the limit of 15``."""
        if self.limit is None:
            return "past no limit"
        if self.bad != "either":
            return f"{'above' if self.bad == 'high' else 'below'} the limit of {self.limit:g}"
        if self.scale == "log":
            return f"more than {math.exp(self.limit):.3g} times larger or smaller than the median"
        return f"more than {self.limit:g} from the median"

    def _natural(self, values: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            match self.scale:
                case "log":
                    return np.log(np.maximum(values, TINY))
                case "share":
                    return np.log(np.maximum(values, TINY) / np.maximum(1 - values, TINY))
        return np.asarray(values, np.float64)

    def _number(self, natural: float) -> float:
        """A number, from where it is on the natural scale."""
        match self.scale:
            case "log":
                return math.exp(natural)
            case "share":
                return 1 / (1 + math.exp(-natural))
        return natural


def check(name: str, part: object) -> None:
    """Refuse a module without a ``CHECK``.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    lacking = contract.lacks_constant(part, "CHECK", QualityCheck)
    contract.refuse(KIND, name, part, lacking, contract.place(QualityCheck))
