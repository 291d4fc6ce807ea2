"""From the study of all pairs to rows with intervals, one sentence, and what to beware of."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools
from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.audits.noisy_pairs.held import beware
from mmaudit.audits.noisy_pairs.intervals import auroc, mean_cosine, separability
from mmaudit.audits.noisy_pairs.judging import SELF
from mmaudit.audits.noisy_pairs.tables import by_cosine
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.measures.pairs import detection
from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence import positions, statistics
from mmaudit.measures.pairs.evidence.thresholds import least
from mmaudit.measures.pairs.evidence.verdict import verdict
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.samples.parts import partitions
from mmaudit.seeds import Words, words

TOP = 100
REPEATS = 200
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
Entry = dict[str, Any]


def rows(analysis: Analysis) -> list[Entry]:
    """Rows of the summary."""
    entries = [*_rates(analysis), *_slices(analysis)]
    if analysis.truth is not None:
        entries += _against_truth(analysis, analysis.study.observed, analysis.truth)
    return [*entries, *_planted(analysis.planted)]


def _row(metric: str, estimate: Estimate, part: str = ALL) -> Entry:
    return {"slice": part, "metric": metric, "estimate": estimate}


def _share(marked: NDArray[np.bool_]) -> Estimate:
    return proportion(int(marked.sum()), len(marked))


def _point(value: float, n: int) -> Estimate:
    """A bound, which has no interval of its own."""
    return Estimate(value, value, value, n)


def _rates(analysis: Analysis) -> Iterator[Entry]:
    observed = analysis.study.observed
    yield _row("flagged_rate", _share(analysis.flagged[observed]))
    n = int(observed.sum())
    for name, stats in (("", analysis.random), ("_hard", analysis.hard)):
        if stats is None:
            continue
        yield _row(f"noise_rate{name}", stats.noise_rate)
        yield _row(f"noise_rate_upper{name}", _point(stats.upper, stats.noise_rate.n))
        against = analysis.study.hard if name else analysis.study.random
        if against is not None:
            every = np.ones(against.score.shape, np.bool_)
            apart = separability(analysis.study, against, observed, every, stats.separability)
            yield _row(f"separability{name}", apart)
        q = stats.q_value if name else stats.q_value_storey
        yield _row(f"matched_rate{name}", _share(q[observed] <= analysis.options.fdr))
    precision = expected_precision(analysis)
    if precision is not None:
        yield _row("expected_precision", precision)
    similarity = analysis.study.columns.get("similarity")
    if similarity is not None:
        yield _row("similarity", mean_cosine(similarity[observed], analysis.study.unit[observed]))
    enough = least(by_cosine(analysis), analysis.options.fdr)
    if enough is not None:
        yield _row("cosine_threshold", _point(enough.cosine, n))
    split = analysis.study.split
    if split is not None:
        yield _row("split_noise_rate", _share(split.noisy))
        yield _row("split_separation", _point(split.bimodality.separation, n))


def _slices(analysis: Analysis) -> Iterator[Entry]:
    table, observed = analysis.slices, analysis.study.observed
    for cut in partitions([table])[1:]:
        for value, part in zip(cut.values, cut.parts(table), strict=True):
            inside = np.ones(observed.shape, np.bool_) if part.mask is None else part.mask
            here = inside & observed
            if here.sum() < FEWEST or not value:
                continue
            yield _row("flagged_rate", _share(analysis.flagged[here]), part.name)
            yield from _against_shuffled(analysis, here, inside, part.name)


def _against_shuffled(
    analysis: Analysis, here: NDArray[np.bool_], value: NDArray[np.bool_], part: str
) -> Iterator[Entry]:
    """Rates of a slice, by the shuffled pairs whose left side is in it."""
    study, numbers = analysis.study, analysis.random
    if numbers is None or study.random is None:
        return
    among = value[study.random.pairs.left]
    if among.sum() < positions.THIN:
        return
    every = statistics.scores_of(study, study.random)
    scores = every.part(here, among)
    position = positions.positions(scores)
    effects = statistics.design_effects(study, study.random, every)
    size = statistics.worth(study, study.random, here, effects)
    named = float(analysis.named[here].mean())
    upper = max(rates.upper(position, size), named)
    low = 0.0 if numbers.doubt else rates.lower([rates.Portion(position, size)])
    share = max(positions.noise_rate(scores), named)
    rate = statistics.bounded(share, max(low, named), upper, int(max(size.units)))
    yield _row("noise_rate", rate, part)
    yield _row("noise_rate_upper", _point(upper, rate.n), part)
    apart = separability(study, study.random, here, among, statistics.separability(scores))
    yield _row("separability", apart, part)


def expected_precision(analysis: Analysis) -> Estimate | None:
    """Share of the flagged pairs that are mismatched, with a prediction interval; None of none."""
    numbers, study = analysis.random, analysis.study
    flagged = analysis.flagged & study.observed
    if numbers is None or study.random is None or not flagged.any():
        return None
    named = flagged & analysis.named
    rest = int((flagged & ~analysis.named).sum())
    if not rest:
        return _share(named[flagged])
    scores = statistics.scores_of(study, study.random)
    chance = positions.chance(scores, flagged & ~analysis.named)
    n = int(study.observed.sum())
    expected = rates.mismatches(rest, chance, numbers.noise_rate, n, min(numbers.size.null))
    sure = int(named.sum())
    value, low, high = (
        (sure + rest * share) / (sure + rest)
        for share in (expected.value, expected.low, expected.high)
    )
    return Estimate(value, low, high, sure + rest)


def _against_truth(analysis: Analysis, observed: Bools, every: Bools) -> Iterator[Entry]:
    """How right the audit was, where that is known, on the pairs that the rates are about."""
    truth, suspicion, flagged = (
        every[observed],
        analysis.suspicion[observed],
        analysis.flagged[observed],
    )
    n, wrong = len(truth), int(truth.sum())
    draw = words(analysis.options.seed, "noisy_pairs/truth")
    if 0 < wrong < n:
        value = detection.auroc(truth, suspicion)
        yield _row("truth_auroc", auroc(value, wrong, n - wrong))

        def precision(at: NDArray[np.int64]) -> float:
            return detection.average_precision(truth[at], suspicion[at])

        def f1(at: NDArray[np.int64]) -> float:
            return detection.f1(truth[at], flagged[at])

        yield _row("truth_average_precision", _bootstrapped(precision, n, draw))
        yield _row("truth_f1", _bootstrapped(f1, n, draw))
    k = min(TOP, n)
    top = np.argsort(-suspicion, kind="stable")[:k]
    yield _row(f"truth_precision_at_{k}", _share(truth[top]))
    if analysis.random is not None:
        rate, off = analysis.random.noise_rate, wrong / n
        error = Estimate(rate.value - off, rate.low - off, rate.high - off, rate.n)
        yield _row("truth_rate_error", error)
        lists = {"": analysis.random.q_value_storey}
        if analysis.hard is not None:
            lists["_hard"] = analysis.hard.q_value
        for name, q in lists.items():
            matched = q[observed] <= analysis.options.fdr
            if matched.any():
                yield _row(f"truth_false_discoveries{name}", _share(truth[matched]))


def _bootstrapped(function: Callable[[NDArray[np.int64]], float], n: int, draw: Words) -> Estimate:
    """A number of pairs with its interval over resampled pairs."""
    values = [function(draw.integers(n, n, k)) for k in range(REPEATS)]
    whole = function(np.arange(n))
    low, high = np.quantile(values, [0.025, 0.975]).tolist()
    return Estimate(whole, min(low, whole), max(high, whole), n)


def _planted(planted: dict[str, tuple[Bools, Bools]]) -> Iterator[Entry]:
    """Recall of each kind of planted mismatch, and precision of what planting put on the list."""
    for kind, (wrong, flagged) in planted.items():
        if wrong.any():
            yield _row(f"planted_recall_{kind}", _share(flagged[wrong]))
        if flagged.any():
            yield _row(f"planted_precision_{kind}", _share(wrong[flagged]))


def headline(analysis: Analysis) -> str:
    """One plain sentence."""
    observed = analysis.study.observed
    n = int(observed.sum())
    share = f"{int(analysis.flagged[observed].sum())} of {n} pairs are flagged"
    if analysis.random is None:
        return f"{share} by an in-sample method, which has no error rate."
    said, why = verdict(analysis.random, analysis.options.accept)
    defects = _named(analysis)
    return f"Verdict: {said} ({why}). {share} {_flagging(analysis)}.{defects}"


def _flagging(analysis: Analysis) -> str:
    """Why pairs are flagged."""
    if analysis.options.fraction is not None:
        return f"because --fraction {analysis.options.fraction:g} asks for as many"
    if analysis.options.threshold is not None:
        return f"because their cosine is below --threshold {analysis.options.threshold:g}"
    random = analysis.random
    if random and random.noise_rate.low == 0 and not (random.doubt or analysis.options.force):
        return "because the lower bound of 0% does not show that any pair is mismatched"
    return "as no more alike than a random re-pairing"


def _named(analysis: Analysis) -> str:
    """The first defects in words; the repair table has all of them."""
    names = [f"{d.name}: {d.says}" for d in analysis.forensics.defects]
    more = f"; and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f" Forensics: {'; '.join(names[:NAMED])}{more}." if names else ""


def _tried(analysis: Analysis) -> Iterator[str]:
    """What the audit found of mismatches that are known."""
    for kind, (wrong, flagged) in analysis.planted.items():
        if wrong.any():
            right = (
                f"{wrong[flagged].mean():.0%} of its new flags are these" if flagged.any() else ""
            )
            yield (
                f"Planted in a scratch copy, {kind}: {flagged[wrong].mean():.0%} of "
                f"{int(wrong.sum())} found; {right or 'it flags nothing new'}."
            )
    if analysis.truth is not None:
        observed = analysis.study.observed
        truth, flagged = analysis.truth[observed], analysis.flagged[observed]
        yield (
            f"By the truth, {int(truth.sum())} of {len(truth)} pairs are mismatched; "
            f"{int((truth & flagged).sum())} of the {int(flagged.sum())} flagged pairs are."
        )


def notes(analysis: Analysis) -> tuple[str, ...]:
    """What was left out, and what to beware of."""
    out = [*_tried(analysis), beware(within_class=analysis.study.within_class)]
    if analysis.random is None:
        out.append("Losses of pairs that a head was trained on give no p-values: none are written.")
    if analysis.study.split is not None and not analysis.study.split.bimodality.believed:
        out.append(
            "The losses do not fall into two groups, so the split of losses is not believed."
        )
    if not analysis.study.shared:
        out.append(SEPARATE)
    if analysis.options.encoder == SELF:
        out.append(SCRATCH)
    if analysis.vectors.zeros:
        out.append(
            f"{analysis.vectors.zeros} samples have a vector of zeros, which is no value: they are "
            "no pairs."
        )
    dropped = {bad.id for bad in analysis.vectors.skipped}
    if dropped:
        out.append(f"{len(dropped)} samples could not be read.")
    return tuple(out)
