"""Bursts: damage in one stretch of time of each value, its share of the duration the dose.

The value is made worse as a whole, at one severity, and what is worse is taken inside the stretch
alone; outside the value stays as it is, bit for bit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.corruptions.base import SEVERITIES
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.seeds import words

KINDS = ("series", "audio")  # whose first axis is time
SHARES = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8)  # of the duration, by the step that a sample draws
SEVERITY = SEVERITIES  # of the corruption inside every burst
PERCENT = ", ".join(f"{share:.0%}".removesuffix("%") for share in SHARES[1:]) + " %"


@dataclass(frozen=True, slots=True)
class Bursts:
    """Where the bursts of one modality of some samples lie.

    Attributes:
        start: First time step of each, ``(n,)``.
        stop: The one after the last, ``(n,)``; as ``start`` where there is no burst.
        duration: Time steps of each value, ``(n,)``; 0 where there is none.
    """

    start: Ints
    stop: Ints
    duration: Ints

    @property
    def share(self) -> Floats:
        """Share of the duration that each takes, ``(n,)`` in [0, 1]; NaN without a value."""
        return self._of_duration(self.stop - self.start)

    @property
    def begin(self) -> Floats:
        """Where each begins as a share of the duration, ``(n,)`` in [0, 1); NaN without a burst."""
        return np.where(self.stop > self.start, self._of_duration(self.start), np.nan)

    def inside(self, place: int, clean: Any, worse: Any) -> Any:
        """A value that is worse inside its burst alone.

        Args:
            place: Which of the samples it is.
            clean: The value, ``(time, channel)``.
            worse: The same, made worse as a whole, of the same shape.
        """
        out = clean.copy()
        stretch = slice(self.start[place], self.stop[place])
        out[stretch] = worse[stretch]
        return out

    def changed(self, clean: Sequence[Any], damaged: Sequence[Any]) -> Floats:
        """Share of the duration in which some channel became another, ``(n,)``; NaN without any.

        Args:
            clean: The values, None where absent.
            damaged: What became of them.
        """
        steps = [
            0 if a is None else int((a != b).any(axis=1).sum())
            for a, b in zip(clean, damaged, strict=True)
        ]
        return self._of_duration(np.array(steps, np.int64))

    def _of_duration(self, steps: Ints) -> Floats:
        out = np.full(steps.size, np.nan)
        np.divide(steps, self.duration, out=out, where=self.duration > 0)
        return out


def draw_bursts(
    values: Sequence[Any], step: Ints, ids: Sequence[str], modality: str, seed: int
) -> Bursts:
    """Draw where each burst begins, all places alike likely, by the seed and the sample's id.

    A burst has one time step at least, so that of a value of few of them it may take more of the
    duration than was drawn.

    Args:
        values: The clean values, ``(time, channel)`` each, None where absent.
        step: Which of `SHARES` each sample drew, ``(n,)``.
        ids: Their ids.
        modality: The modality.
        seed: The run's seed.
    """
    duration = np.array([0 if v is None else len(v) for v in values], np.int64)
    length = np.rint(np.asarray(SHARES)[step] * duration).astype(np.int64)
    length = np.where((step > 0) & (duration > 0), np.maximum(length, 1), 0)
    purpose = f"adaptivity/burst@{modality}"
    uniform = np.array([words(seed, purpose, i).uniforms(1)[0] for i in ids], np.float64)
    start = np.floor(uniform * (duration - length + 1)).astype(np.int64)
    return Bursts(start, start + length, duration)


def timed(kinds: Mapping[str, str]) -> dict[str, str]:
    """The modalities that go on in time, and their kinds.

    Args:
        kinds: Kind of each of the model's modalities.

    Raises:
        UsageError: There is none.
    """
    out = {m: kind for m, kind in kinds.items() if kind in KINDS}
    if not out:
        raise UsageError(
            "a burst is a stretch of time, and no modality of the model is a series or audio",
            where=f"its modalities are {', '.join(f'{m} ({k})' for m, k in kinds.items())}",
            fix="the same without --bursts, which damages whole values",
        )
    return out


def burst_notes(steps: Mapping[str, Floats], changed: Mapping[str, Floats]) -> Iterator[str]:
    """What a severity stands for, and bursts in which nothing became another value.

    Args:
        steps: Of each modality, the step of its burst, ``(sample,)``, NaN where absent.
        changed: Of each, the share of the duration that became another, likewise.
    """
    yield (
        f"Severities 1 to 5 stand for bursts of {PERCENT} of the duration; inside each a "
        f"corruption is at severity {SEVERITY}, outside the value is clean."
    )
    for m, step in steps.items():
        hit = step > 0
        same = int((hit & (changed[m] == 0)).sum())
        if same:
            yield (
                f"In {m} {many(same, 'burst')} of {int(hit.sum()):,} changed nothing, for the "
                "corruption had nothing to do there; the share counts as drawn."
            )
