"""What the scores of shuffled pairs say of the observed ones: lists, rates and their bounds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.bounds.shares import ends
from mmaudit.measures.pairs import fdr
from mmaudit.measures.pairs.contents import BINS
from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence import positions
from mmaudit.measures.pairs.evidence.mismatch_rates import Size
from mmaudit.measures.pairs.evidence.positions import Scores
from mmaudit.measures.pairs.evidence.standing import standings
from mmaudit.measures.pairs.scoring import Against
from mmaudit.measures.pairs.study import Study
from mmaudit.rows import Estimate

STREAMED = 1_000_000
SURE = 6.0  # standard errors by which observed pairs beat shuffled ones, or nothing is recognised
MISFIT = 0.5  # share of the pairs of one value that are mismatched, at least, to name it
ALARM = 1e-3  # probability of naming any value of a file that has none
NEAREST = (0.5, 0.25)  # positions that parts and single values are counted at


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Observed pairs against one kind of shuffled pairs.

    Attributes:
        p_value: Conformal p-value that the pair is a shuffled one, ``(n,)``; small is matched.
        q_value: Smallest false discovery rate of a list of matched pairs that holds the pair by
            Benjamini and Hochberg, ``(n,)``.
        q_value_storey: The same by Storey: times the noise rate.
        lfdr: Probability that the pair is a shuffled one, ``(n,)``, by Storey's rate.
        lfdr_low: The same by a rate that no part of the pairs speaks against, which flags go by; 0
            where the lower end of the rate is 0: no pair is shown to be mismatched.
        noise_rate: Storey's share of mismatches between its bounds.
        upper: Upper bound of the share that assumes nothing about matched pairs.
        separability: Probability that an observed pair scores above a shuffled one.
        doubt: Why pairs that look like strangers may be matched all the same; then the lower end
            of the rate is 0. Empty where there is no such reason.
        misfits: Strata of single values that do not fit their rows; none where the comparison was
            learnt on the pairs and is in doubt.
        size: How many pairs the counts are worth.
        shares: Share of the pairs below each position of `rates.GRID`.
    """

    p_value: Floats
    q_value: Floats
    q_value_storey: Floats
    lfdr: Floats
    lfdr_low: Floats
    noise_rate: Estimate
    upper: float
    separability: float
    doubt: str
    misfits: tuple[int, ...]
    size: Size
    shares: tuple[float, ...]


def statistics(study: Study, against: Against, *, streamed: int = STREAMED) -> Statistics:
    """Compare observed scores with those of shuffled pairs, stratum by stratum.

    Args:
        study: The study.
        against: Its shuffled pairs of one kind.
        streamed: Pairs from which scores are counted in bins, in one pass.
    """
    every = scores_of(study, against, streamed)
    scores = every.part(study.observed, np.ones(len(against.score), np.bool_))
    position = positions.positions(scores)
    share = positions.noise_rate(scores)
    effects = design_effects(study, against, every)
    many = worth(study, against, study.observed, effects)
    above = separability(scores)
    doubt = _doubt(position, above, many)
    top = rates.upper(position, many)
    parts = [*_parts(study, against, scores, rates.Portion(position, many), effects)]
    low = rates.lower(parts)
    rate = bounded(share, 0.0 if doubt else low, top, int(max(many.units)))
    p = positions.p_values(every)
    of_stratum, ratio = positions.local_odds(every)
    cautious = min(1.0, rates.cautious(parts) / max(share, 1e-12)) if rate.low > 0 else 0.0
    q = _looked_up(p, p[study.observed])
    return Statistics(
        p_value=p,
        q_value=q,
        q_value_storey=share * q,
        lfdr=np.minimum(of_stratum * ratio, 1.0),
        lfdr_low=np.minimum(of_stratum * ratio * cautious, 1.0),
        noise_rate=rate,
        upper=top,
        separability=above,
        doubt=doubt,
        misfits=() if doubt and not study.shared else tuple(_misfits(study, against, every)),
        size=many,
        shares=tuple(float((position <= at).mean()) for at in rates.GRID),
    )


def bounded(value: float, low: float, high: float, n: int) -> Estimate:
    """A rate between its bounds; other positions may bound it further than its own does."""
    value = min(value, high)
    least = low if low * n >= 1.0 else 0.0  # less than one pair is none
    return Estimate(value, min(least, value), high, n)


def doubted(numbers: Statistics, doubt: str) -> Statistics:
    """The same numbers where pairs that look like strangers may be matched all the same."""
    rate = numbers.noise_rate
    return replace(
        numbers,
        doubt=doubt,
        misfits=(),
        noise_rate=Estimate(rate.value, 0.0, rate.high, rate.n),
        lfdr_low=np.zeros_like(numbers.lfdr_low),
    )


def counting(numbers: Statistics, named: Bools, observed: Bools) -> Statistics:
    """The same numbers with some pairs that are known to be mismatched.

    Args:
        numbers: Observed pairs against random re-pairings.
        named: Whether each pair is mismatched beyond doubt, ``(n,)``.
        observed: Pairs that the rates are about, ``(n,)``.
    """
    if not named.any():
        return numbers
    rate, share = numbers.noise_rate, float(named[observed].mean())
    upper = max(numbers.upper, share)
    value = min(max(rate.value, share), upper)
    sure = named.astype(np.float64)
    return replace(
        numbers,
        noise_rate=Estimate(value, min(max(rate.low, share), value), max(rate.high, upper), rate.n),
        upper=upper,
        lfdr=np.maximum(numbers.lfdr, sure),
        lfdr_low=np.maximum(numbers.lfdr_low, sure),
        q_value=np.maximum(numbers.q_value, sure),
        q_value_storey=np.maximum(numbers.q_value_storey, sure),
    )


def scores_of(study: Study, against: Against, streamed: int = STREAMED) -> Scores:
    """Scores of all pairs and of the shuffled ones, with their strata.

    Raises:
        ValueError: The study is of an in-sample method, which has no scores.
    """
    if study.score is None:
        raise ValueError("an in-sample method has no null")
    scores = study.score, against.score
    if against.local:
        scores = standings(study.score, against.pairs, against.score)
    one = np.zeros(len(study.score), np.int64)
    if against.stratum is None:
        strata = one, np.zeros(len(against.score), np.int64)
    else:
        strata = study.strata.number, against.stratum
    return Scores(
        observed=scores[0],
        null=scores[1],
        stratum=strata[0],
        null_stratum=strata[1],
        streamed=streamed,
    )


def design_effects(study: Study, against: Against, scores: Scores) -> tuple[float, ...]:
    """Design effect of repeated values at each position of `rates.GRID`, by the shuffled pairs."""
    n = len(study.unit)
    if all(int(content.max()) + 1 == n for content in study.contents):
        return (1.0,) * len(rates.GRID)
    position = positions.null_positions(scores, against.plain)
    left, right = against.pairs.left[: against.plain], against.pairs.right[: against.plain]
    parts = np.array_split(np.arange(against.plain), max(1, round(against.plain / n)))
    contents = study.contents[0][left], study.contents[1][right]
    return tuple(
        float(
            np.mean(
                [
                    rates.design_effect(
                        (position[k] <= at).astype(np.float64), *(c[k] for c in contents)
                    )
                    for k in parts
                ]
            )
        )
        for at in rates.GRID
    )


def worth(study: Study, against: Against, rows: Bools, effects: tuple[float, ...]) -> Size:
    """How many pairs some pairs are worth: values that several of them share count once."""
    pairs = int(rows.sum())
    units = min(len(np.unique(kin[rows])) for kin in study.kin)
    shuffled = len(against.score) * pairs // len(rows)
    return rates.size(pairs, units, effects, max(1, shuffled))


def _parts(
    study: Study,
    against: Against,
    scores: Scores,
    whole: rates.Portion,
    effects: tuple[float, ...],
) -> Iterator[rates.Portion]:
    """All pairs, and those that are seen best by each measure of clarity."""
    yield whole
    if max(whole.size.units) < rates.CLOSE or against.stratum is None:
        return
    for clarity in study.clarity:
        clear = clarity.left + clarity.right
        least = np.quantile(clear[study.observed], 1.0 - clarity.share)
        among = clarity.left[against.pairs.left] + clarity.right[against.pairs.right] >= least
        rows = (clear >= least) & study.observed
        if among.sum() >= rates.CLOSE and rows.any():
            part = scores.part(rows[study.observed], among)
            size = worth(study, against, rows, effects)
            yield rates.Portion(positions.positions(part), size, NEAREST)


def _doubt(position: Floats, above: float, many: Size) -> str:
    """Why pairs that look like strangers may be matched all the same, if there is a reason."""
    units = max(many.units)
    if above - 0.5 <= SURE / np.sqrt(12.0 * units):
        return (
            f"observed pairs score above shuffled ones in {above:.2f} of the cases, no more "
            f"than {units:.0f} unrelated pairs may: the two sides are hardly related for this "
            "encoder, or nearly all pairs are mismatched"
        )
    if rates.graded(position, units):
        return (
            f"{rates.rate(position):.1%} of the pairs look like random re-pairings by the middle "
            f"of these and {rates.rate(position, rates.FAR[0]):.1%} by their far tail: that is how "
            "pairs look whose sides are weakly related, and mismatches do not"
        )
    return ""


def _misfits(study: Study, against: Against, scores: Scores) -> Iterator[int]:
    """Strata of single values most of whose rows are no more alike to them than strangers are."""
    if against.stratum is None:
        return
    single = np.unique(study.strata.number[study.strata.number >= BINS])
    position = positions.positions(scores) if len(single) else np.zeros(0)
    for number in single.tolist():
        rows = np.flatnonzero((study.strata.number == number) & study.observed)
        if (against.stratum == number).sum() < positions.THIN or not len(rows):
            continue
        other = study.contents[1 if study.strata.on_left[number - BINS] else 0]
        n = len(np.unique(other[rows]))
        tail = ALARM / len(single)
        low = min(ends(float((position[rows] <= t).mean()) * n, n, tail)[0] / t for t in NEAREST)
        if low > MISFIT:
            yield number


def separability(scores: Scores) -> float:
    """Probability that an observed pair scores above a shuffled one of its stratum, in [0, 1]."""
    observed, null = scores.centred()
    way = fdr.streamed if len(observed) >= scores.streamed else fdr.levels
    return fdr.separability(way(observed, null)[0])


def _looked_up(every: Floats, p: Floats) -> Floats:
    """Adjusted p-values of all pairs, by those of the pairs that the rates are about."""
    q = positions.adjusted(p)
    if len(every) == len(p):
        return q
    order = np.argsort(p, kind="stable")
    at = np.searchsorted(p[order], every, side="left").clip(0, len(p) - 1)
    return q[order][at]
