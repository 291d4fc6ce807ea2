"""From the study of all pairs to rows with intervals, one sentence, and what to beware of."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits._pair_analysis import Analysis
from mmaudit.measures import detection, pair_statistics
from mmaudit.measures.detection import Truth
from mmaudit.measures.fdr import rate_interval
from mmaudit.measures.wilson import wilson
from mmaudit.rows import Estimate
from mmaudit.seeds import words

ALL = "all"
TOP = 100
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
    "The two sides share no space: forensics look at shifts, reversal and repeated values alone, "
    "and suggestions are made in the space of a head."
)
FEWEST = 20  # pairs of a slice whose rate is reported
Told = dict[str, Any]


def rows(found: Analysis) -> list[Told]:
    """Rows of the summary."""
    told = [*_rates(found), *_slices(found)]
    if found.truth is not None:
        told += _against_truth(found, found.truth)
    return [*told, *_planted(found.planted)]


def _row(metric: str, estimate: Estimate, part: str = ALL) -> Told:
    return {"slice": part, "metric": metric, "estimate": estimate}


def _share(chosen: NDArray[np.bool_]) -> Estimate:
    return wilson(int(chosen.sum()), len(chosen))


def _point(value: float, n: int) -> Estimate:
    """A bound, which has no interval of its own."""
    return Estimate(value, value, value, n)


def _rates(found: Analysis) -> Iterator[Told]:
    yield _row("flagged_rate", _share(found.flagged))
    n = len(found.flagged)
    for name, stats in (("", found.random), ("_hard", found.hard)):
        if stats is None:
            continue
        yield _row(f"noise_rate{name}", stats.noise_rate)
        yield _row(f"noise_rate_upper{name}", _point(stats.upper, stats.noise_rate.n))
        yield _row(f"separability{name}", _auroc_interval(stats.separability, n, n))
        q = stats.q_value if name else stats.q_value_storey
        yield _row(f"matched_rate{name}", _share(q <= found.options.fdr))
    if found.random is not None and found.flagged.any():
        lfdr = found.random.lfdr[found.flagged]
        half = 1.96 * float(np.sqrt((lfdr * (1 - lfdr)).sum())) / len(lfdr)
        mean = float(lfdr.mean())
        interval = Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), len(lfdr))
        yield _row("expected_precision", interval)
    similarity = found.study.columns.get("similarity")
    if similarity is not None:
        yield _row("similarity", _mean(similarity))
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
    study, stats = found.study, found.random
    for name, values in sorted(found.slices.items()):
        for value in np.unique(values):
            here = values == value
            if here.sum() < FEWEST or not value:
                continue
            part = f"{name}={value}"
            yield _row("flagged_rate", _share(found.flagged[here]), part)
            if stats is None or study.random is None:
                continue
            left = study.random.pairs.left
            among = here[left]
            if stats.low_null[among].any():
                draw = words(found.options.seed, f"noisy_pairs/bootstrap/{part}")
                unit = np.unique(study.unit[here], return_inverse=True)[1]
                number = np.zeros(len(here), np.int64)
                number[here] = unit
                rate = rate_interval(
                    stats.low[here], stats.low_null[among], unit, number[left[among]], draw
                )
                yield _row("noise_rate", rate, part)


def _against_truth(found: Analysis, truth: Truth) -> Iterator[Told]:
    """How right the audit was, where that is known."""
    n, wrong = len(truth), int(truth.sum())
    if 0 < wrong < n:
        value = detection.auroc(truth, found.suspicion)
        yield _row("truth_auroc", _auroc_interval(value, wrong, n - wrong))
        for name, function in (
            ("truth_average_precision", detection.average_precision),
            ("truth_f1", None),
        ):
            yield _row(name, _bootstrapped(found, truth, function))
    k = min(TOP, n)
    top = np.argsort(-found.suspicion, kind="stable")[:k]
    yield _row(f"truth_precision_at_{k}", _share(truth[top]))
    if found.random is not None:
        rate = found.random.noise_rate
        off = wrong / n
        error = Estimate(rate.value - off, rate.low - off, rate.high - off, rate.n)
        yield _row("truth_rate_error", error)
        for name, q in (("", found.random.q_value_storey), ("_hard", _hard(found))):
            matched = None if q is None else q <= found.options.fdr
            if matched is not None and matched.any():
                yield _row(f"truth_false_discoveries{name}", _share(truth[matched]))


def _hard(found: Analysis) -> NDArray[np.float64] | None:
    return None if found.hard is None else found.hard.q_value


REPEATS = 200


def _bootstrapped(found: Analysis, truth: Truth, function: Any) -> Estimate:
    """Average precision, or F1 of the flags where no function is given, over resampled pairs."""
    n = len(truth)
    draw = words(found.options.seed, "noisy_pairs/truth")

    def value(at: NDArray[np.int64]) -> float:
        if function is None:
            return detection.f1(truth[at], found.flagged[at])
        return float(function(truth[at], found.suspicion[at]))

    told = [value(draw.integers(n, n, k)) for k in range(REPEATS)]
    whole = value(np.arange(n))
    low, high = np.quantile(told, [0.025, 0.975]).tolist()
    return Estimate(whole, min(low, whole), max(high, whole), n)


def _planted(planted: dict[str, tuple[Truth, Truth]]) -> Iterator[Told]:
    """Recall of each kind of planted mismatch, and precision of what planting put on the list."""
    for kind, (wrong, flagged) in planted.items():
        if wrong.any():
            yield _row(f"planted_recall_{kind}", _share(flagged[wrong]))
        if flagged.any():
            yield _row(f"planted_precision_{kind}", _share(wrong[flagged]))


def headline(found: Analysis) -> str:
    """One plain sentence."""
    n = len(found.flagged)
    share = f"{int(found.flagged.sum())} of {n} pairs are flagged"
    if found.random is None:
        return f"{share} by an in-sample method, which has no error rate."
    scratch = found.options.encoder == SELF
    verdict, why = pair_statistics.verdict(found.random, found.options.accept, from_scratch=scratch)
    named = "; ".join(f"{d.name}: {d.says}" for d in found.defects)
    defects = f" Forensics: {named}." if named else ""
    return (
        f"Verdict: {verdict} ({why}). {share} as no more alike than a random re-pairing.{defects}"
    )


def notes(found: Analysis) -> tuple[str, ...]:
    """What was left out, and what to beware of."""
    out = [BEWARE]
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
