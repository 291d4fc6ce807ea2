"""From the study of all pairs to rows with intervals, one sentence, and what to beware of."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools
from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.measures.intervals.wilson import wilson
from mmaudit.measures.pairs import detection, statistics
from mmaudit.measures.pairs.fdr import levels, rate_interval, separability, upper_bound
from mmaudit.names import ALL
from mmaudit.names import part as part_name
from mmaudit.rows import Estimate
from mmaudit.seeds import Words, words

TOP = 100
REPEATS = 200
BEWARE = (
    "Rates and lists are about random mismatches: a wrong detail, or a wrong text that was chosen "
    "because it nearly fits, is not covered by the random null. The numbers against re-pairings "
    "among similar items (hard) stand beside them; where the two rates are far apart, the random "
    "one is not to be trusted."
)
SELF = "self"
SCRATCH = (
    "The towers of --encoder self see colours, layout and gradients of pictures, words of texts "
    "and frequencies of sounds, and know only what these pairs teach them. They find pairs whose "
    "sides have no such thing in common; a pair that they do not recognise need not be wrong."
)
SEPARATE = (
    "The two sides share no space: forensics look at shifts, reversal and repeated values (and, "
    "where both are equally wide, swapped columns) alone, "
    "and suggestions are made in the space of a head."
)
NAMED = 6  # defects of one sentence
FEWEST = 20  # pairs of a slice whose rate is reported
Told = dict[str, Any]


def rows(found: Analysis) -> list[Told]:
    """Rows of the summary."""
    told = [*_rates(found), *_slices(found)]
    if found.truth is not None:
        told += _against_truth(found, found.study.observed, found.truth)
    return [*told, *_planted(found.planted)]


def _row(metric: str, estimate: Estimate, part: str = ALL) -> Told:
    return {"slice": part, "metric": metric, "estimate": estimate}


def _share(chosen: NDArray[np.bool_]) -> Estimate:
    return wilson(int(chosen.sum()), len(chosen))


def _point(value: float, n: int) -> Estimate:
    """A bound, which has no interval of its own."""
    return Estimate(value, value, value, n)


def _rates(found: Analysis) -> Iterator[Told]:
    seen = found.study.observed
    yield _row("flagged_rate", _share(found.flagged[seen]))
    n = int(seen.sum())
    for name, stats in (("", found.random), ("_hard", found.hard)):
        if stats is None:
            continue
        yield _row(f"noise_rate{name}", stats.noise_rate)
        yield _row(f"noise_rate_upper{name}", _point(stats.upper, stats.noise_rate.n))
        yield _row(f"separability{name}", _auroc_interval(stats.separability, n, n))
        q = stats.q_value if name else stats.q_value_storey
        yield _row(f"matched_rate{name}", _share(q[seen] <= found.options.fdr))
    if found.random is not None and found.flagged[seen].any():
        lfdr = found.random.lfdr[found.flagged & seen]
        half = 1.96 * float(np.sqrt((lfdr * (1 - lfdr)).sum())) / len(lfdr)
        mean = float(lfdr.mean())
        interval = Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), len(lfdr))
        yield _row("expected_precision", interval)
    similarity = found.study.columns.get("similarity")
    if similarity is not None:
        yield _row("similarity", _mean(similarity[seen]))
    split = found.study.split
    if split is not None:
        yield _row("split_noise_rate", _share(split.noisy))
        yield _row("split_separation", _point(split.bimodality.separation, n))


def _mean(values: NDArray[np.float32]) -> Estimate:
    mean, n = float(values.mean(dtype=np.float64)), len(values)
    half = 1.96 * float(values.std(dtype=np.float64)) / np.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n)


def _auroc_interval(value: float, wrong: int, right: int) -> Estimate:
    """Hanley and McNeil's interval of an AUROC (1982, doi:10.1148/radiology.143.1.7063747)."""
    q1, q2, square = value / (2 - value), 2 * value**2 / (1 + value), value**2
    variance = value * (1 - value) + (wrong - 1) * (q1 - square) + (right - 1) * (q2 - square)
    half = 1.96 * float(np.sqrt(max(variance, 0.0) / (wrong * right)))
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), wrong + right)


def _slices(found: Analysis) -> Iterator[Told]:
    for name, values in sorted(found.slices.items()):
        for value in np.unique(values):
            here = (values == value) & found.study.observed
            if here.sum() < FEWEST or not value:
                continue
            part = part_name(name, value)
            yield _row("flagged_rate", _share(found.flagged[here]), part)
            yield from _against_shuffled(found, here, values == value, part)


def _against_shuffled(
    found: Analysis, here: NDArray[np.bool_], value: NDArray[np.bool_], part: str
) -> Iterator[Told]:
    """Rates of a slice, by the shuffled pairs whose left side is in it."""
    study, stats = found.study, found.random
    if stats is None or study.random is None or study.score is None:
        return
    left = study.random.pairs.left
    among = value[left]
    if not stats.low_null[among].any():
        return
    draw = words(found.options.seed, f"noisy_pairs/bootstrap/{part}")
    number = np.unique(study.unit, return_inverse=True)[1]
    rate = rate_interval(
        stats.low[here], stats.low_null[among], number[here], number[left[among]], draw
    )
    counts, _ = levels(study.score[here], study.random.score[among])
    upper = upper_bound(counts, units=rate.n)
    yield _row("noise_rate", statistics.below(rate, upper), part)
    yield _row("noise_rate_upper", _point(upper, rate.n), part)
    n = int(here.sum())
    yield _row("separability", _auroc_interval(separability(counts), n, n), part)


def _against_truth(found: Analysis, seen: Bools, every: Bools) -> Iterator[Told]:
    """How right the audit was, where that is known, on the pairs that the rates are about."""
    truth, suspicion, flagged = every[seen], found.suspicion[seen], found.flagged[seen]
    n, wrong = len(truth), int(truth.sum())
    draw = words(found.options.seed, "noisy_pairs/truth")
    if 0 < wrong < n:
        value = detection.auroc(truth, suspicion)
        yield _row("truth_auroc", _auroc_interval(value, wrong, n - wrong))

        def precision(at: NDArray[np.int64]) -> float:
            return detection.average_precision(truth[at], suspicion[at])

        def f1(at: NDArray[np.int64]) -> float:
            return detection.f1(truth[at], flagged[at])

        yield _row("truth_average_precision", _bootstrapped(precision, n, draw))
        yield _row("truth_f1", _bootstrapped(f1, n, draw))
    k = min(TOP, n)
    top = np.argsort(-suspicion, kind="stable")[:k]
    yield _row(f"truth_precision_at_{k}", _share(truth[top]))
    if found.random is not None:
        rate, off = found.random.noise_rate, wrong / n
        error = Estimate(rate.value - off, rate.low - off, rate.high - off, rate.n)
        yield _row("truth_rate_error", error)
        lists = {"": found.random.q_value_storey}
        if found.hard is not None:
            lists["_hard"] = found.hard.q_value
        for name, q in lists.items():
            matched = q[seen] <= found.options.fdr
            if matched.any():
                yield _row(f"truth_false_discoveries{name}", _share(truth[matched]))


def _bootstrapped(function: Callable[[NDArray[np.int64]], float], n: int, draw: Words) -> Estimate:
    """A number of pairs with its interval over resampled pairs."""
    told = [function(draw.integers(n, n, k)) for k in range(REPEATS)]
    whole = function(np.arange(n))
    low, high = np.quantile(told, [0.025, 0.975]).tolist()
    return Estimate(whole, min(low, whole), max(high, whole), n)


def _planted(planted: dict[str, tuple[Bools, Bools]]) -> Iterator[Told]:
    """Recall of each kind of planted mismatch, and precision of what planting put on the list."""
    for kind, (wrong, flagged) in planted.items():
        if wrong.any():
            yield _row(f"planted_recall_{kind}", _share(flagged[wrong]))
        if flagged.any():
            yield _row(f"planted_precision_{kind}", _share(wrong[flagged]))


def headline(found: Analysis) -> str:
    """One plain sentence."""
    seen = found.study.observed
    n = int(seen.sum())
    share = f"{int(found.flagged[seen].sum())} of {n} pairs are flagged"
    if found.random is None:
        return f"{share} by an in-sample method, which has no error rate."
    scratch = found.options.encoder == SELF
    verdict, why = statistics.verdict(found.random, found.options.accept, from_scratch=scratch)
    defects = _named(found)
    return f"Verdict: {verdict} ({why}). {share} {_flagging(found)}.{defects}"


def _flagging(found: Analysis) -> str:
    """Why pairs are flagged."""
    if found.options.fraction is not None:
        return f"because --fraction {found.options.fraction:g} asks for as many"
    if found.options.threshold is not None:
        return f"because their cosine is below --threshold {found.options.threshold:g}"
    return "as no more alike than a random re-pairing"


def _named(found: Analysis) -> str:
    """The first defects in words; the repair table has all of them."""
    told = [f"{d.name}: {d.says}" for d in found.forensics.defects]
    more = f"; and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f" Forensics: {'; '.join(told[:NAMED])}{more}." if told else ""


def _tried(found: Analysis) -> Iterator[str]:
    """What the audit found of mismatches that are known."""
    for kind, (wrong, flagged) in found.planted.items():
        if wrong.any():
            right = (
                f"{wrong[flagged].mean():.0%} of its new flags are these" if flagged.any() else ""
            )
            yield (
                f"Planted in a scratch copy, {kind}: {flagged[wrong].mean():.0%} of "
                f"{int(wrong.sum())} found; {right or 'it flags nothing new'}."
            )
    if found.truth is not None:
        seen = found.study.observed
        truth, flagged = found.truth[seen], found.flagged[seen]
        yield (
            f"By the truth, {int(truth.sum())} of {len(truth)} pairs are mismatched; "
            f"{int((truth & flagged).sum())} of the {int(flagged.sum())} flagged pairs are."
        )


def notes(found: Analysis) -> tuple[str, ...]:
    """What was left out, and what to beware of."""
    out = [*_tried(found), BEWARE]
    if found.random is None:
        out.append("Losses of pairs that a head was trained on give no p-values: none are written.")
    if found.study.split is not None and not found.study.split.bimodality.believed:
        out.append(
            "The losses do not fall into two groups, so the split of losses is not believed."
        )
    if not found.study.shared:
        out.append(SEPARATE)
    if found.options.encoder == SELF:
        out.append(SCRATCH)
    dropped = {bad.id for bad in found.given.skipped}
    if dropped:
        out.append(f"{len(dropped)} samples could not be read.")
    return tuple(out)
