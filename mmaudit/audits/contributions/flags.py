"""What the numbers warn of: a modality that is dead, harmful, unhelpful or all that counts.

Each flag is a test at 5 %, corrected over the modalities by Holm's method where there are several
tests; a flag that is not raised is not a proof of health.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mmaudit.audits.contributions.metrics import Number, by_modality
from mmaudit.audits.contributions.reference.compare import Rivals
from mmaudit.bounds.corrections import holm
from mmaudit.measures.intervals.mcnemar import mcnemar
from mmaudit.measures.intervals.replicates import Replicates

LEVEL = 0.05
DEAD_SHARE = 0.05  # of |φ|: below it a modality without a shown effect is dead
COLLAPSED_SHARE = 0.9  # of |φ|: above it the others do not count
MOST = 0.5  # of the gain of all modalities over none


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One warning that could be raised.

    Attributes:
        flag: Its name.
        value: Worth that it was judged by; empty where it does not matter.
        absent: Absence policy.
        modality: Modality; empty for the whole model.
        raised: Whether it is.
        because: The numbers, in a sentence.
        p_value: Corrected p-value, where it is a test with one.
    """

    flag: str
    value: str
    absent: str
    modality: str
    raised: bool
    because: str
    p_value: float | None = None


def game_flags(numbers: Sequence[Number], value: str, absent: str) -> Iterator[Flag]:
    """Flags of each modality by one worth."""
    phi, share = by_modality(numbers, "phi"), by_modality(numbers, "share")
    harm = dict(zip(phi, holm([_p_not_negative(r) for r in phi.values()]), strict=True))
    touching = {
        m: [n.measured for n in numbers if n.metric == "interaction" and m in n.modality.split(",")]
        for m in phi
    }
    for m, effect in phi.items():
        mean = effect.estimate()
        part = share[m].estimate() if m in share else None
        unshown = mean.low <= 0 <= mean.high
        each = 1 - LEVEL / max(len(touching[m]), 1)  # together they err as one interval does
        alone = all(e.low <= 0 <= e.high for e in (r.estimate(each) for r in touching[m]))
        small = part is None or part.value < DEAD_SHARE
        sentence = f"mean φ of {m} is {mean}" + (f", its share of |φ| {part}" if part else "")
        flag = partial(Flag, value=value, absent=absent, modality=m, because=sentence)
        yield flag(flag="dead", raised=unshown and alone and small)
        yield flag(flag="unhelpful", raised=unshown and not (alone and small))
        shown = mean.high < math.inf and harm[m] <= LEVEL  # one sample shows nothing
        yield flag(flag="harmful", raised=effect.point < 0 and shown, p_value=harm[m])
        collapsed = part is not None and part.low > COLLAPSED_SHARE
        yield flag(flag="collapse", raised=collapsed)


def compared_flag(reference: Rivals) -> Flag:
    """Whether the model is shown to be better than other models of one modality each."""
    return Flag(
        flag="not_better",
        value="",
        absent="",
        modality="",
        raised=not reference.shown,
        p_value=mcnemar(reference.gained, reference.lost),
        because=(
            f"all modalities together are {reference.gain} more accurate than {reference.what}: "
            f"{reference.gained} samples gained, {reference.lost} lost"
            + (f"; {reference.why}" if reference.why else "")
        ),
    )


def answer_flags(numbers: Sequence[Number], absent: str, n: int) -> Iterator[Flag]:
    """Flags of the whole model against its own answers, the rest taken away."""
    whole = by_modality(numbers, "gain_over_best_alone")
    if not whole:
        return
    gain = whole[""].estimate()
    counts = {
        name: {m: round(rate.point * n) for m, rate in by_modality(numbers, f"{name}_rate").items()}
        for name in ("gained", "lost")
    }
    # the best alone over all samples, those that lack it too: the one that all gain least over
    best = min(counts["gained"], key=lambda m: counts["gained"][m] - counts["lost"][m])
    gained, lost = (counts[name][best] for name in ("gained", "lost"))
    yield Flag(
        flag="not_better",
        value="",
        absent=absent,
        modality="",
        raised=gain.low <= 0,
        p_value=mcnemar(gained, lost),
        because=(
            f"all modalities together are {gain} more accurate than this model with the best "
            f"alone, {best}, the others absent: {gained} samples gained, {lost} lost"
        ),
    )


def _p_not_negative(effect: Replicates) -> float:
    """How often the bootstrap does not find a value below 0, the point itself counted once."""
    defined = effect.draws[np.isfinite(effect.draws)]
    return float((1 + np.count_nonzero(defined >= 0)) / (1 + defined.size))
