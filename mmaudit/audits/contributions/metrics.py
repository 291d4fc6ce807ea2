"""From means over samples to the numbers of the contributions summary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mmaudit.audits.contributions.sample_rows import PAIR_ERROR
from mmaudit.measures.balance import (
    alignment,
    cal_contribution,
    dependence,
    discrepancy,
    modality_gap,
    off_data,
    overfitting,
    partial_information,
    probe,
    weight_loss,
)
from mmaudit.measures.games import (
    interactions,
    outcomes,
    paired,
    paired_interactions,
    shapley,
    utilisation,
)
from mmaudit.measures.games import shares as game_shares
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.outcomes import OUTCOMES
from mmaudit.measures.games.shares import gini, shares
from mmaudit.measures.games.utilisation import conditional_utilisation
from mmaudit.measures.intervals.replicates import ANY, SHARE, Bounds, Replicates, combine, extreme
from mmaudit.measures.intervals.streamed import Means
from mmaudit.measures.tasks import classification
from mmaudit.rows import Metric

SIGNED: Bounds = (-1.0, 1.0)
SEEN = 0.1  # of the length of an interval: a bias of less is not told
BALANCE = (
    alignment,
    cal_contribution,
    dependence,
    discrepancy,
    modality_gap,
    off_data,
    overfitting,
    partial_information,
    probe,
    weight_loss,
)
METRICS: Mapping[str, Metric] = {
    **shapley.METRICS,
    **paired.METRICS,
    **paired_interactions.METRICS,
    **game_shares.METRICS,
    **interactions.METRICS,
    **outcomes.METRICS,
    **utilisation.METRICS,
    **{name: m for module in BALANCE for name, m in module.METRICS.items()},
    "accuracy": classification.METRICS["accuracy"],
    "loss": Metric(
        "mean loss with every modality; of classes, at most 6.9 nats a sample",
        "",
        "lower",
        low=0.0,
    ),
    "loss_alone": Metric(
        "mean loss with the modality alone; of classes, at most 6.9 nats a sample",
        "",
        "lower",
        low=0.0,
    ),
    "accuracy_alone": Metric(
        "share of right answers of this model with the modality alone, the others absent",
        "1",
        "higher",
        low=0.0,
        high=1.0,
    ),
    "p_true_alone": Metric(
        "mean probability of the truth with it alone", "1", "higher", low=0.0, high=1.0
    ),
    "gain_over_best_alone": Metric(
        "accuracy of all minus that of this model with the best modality alone, the others absent",
        "1",
        "higher",
        low=-1.0,
        high=1.0,
    ),
    "gained_rate": Metric("share right with all and wrong with it alone", "1", low=0.0, high=1.0),
    "lost_rate": Metric(
        "share wrong with all and right with it alone", "1", "lower", low=0.0, high=1.0
    ),
    "length_share": Metric(
        "share of the mean length of the encoded modalities", "1", low=0.0, high=1.0
    ),
    "weight": Metric("mean of the model's own fusion weight"),
    "detail_share": Metric(
        "share of the size of contributions in its pieces", "1", low=0.0, high=1.0
    ),
    "detail_phi": Metric("mean sum of the contributions of its pieces"),
    "policy_same_top": Metric(
        "share whose top modality is the same by every policy", "1", low=0.0, high=1.0
    ),
    "policy_same_order": Metric(
        "share whose order is the same by every policy", "1", low=0.0, high=1.0
    ),
    "policy_spread": Metric("mean spread of the Shapley value over the policies", low=0.0),
    "policy_sign_differs": Metric(
        "share whose sign differs between policies", "1", "lower", low=0.0, high=1.0
    ),
}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the summary: what of, what, and its bootstrap, within the metric's range."""

    modality: str
    metric: str
    measured: Replicates

    def __post_init__(self) -> None:
        (low, high), mine = METRICS[self.metric].bounds, self.measured.bounds
        bounds = max(low, mine[0]), min(high, mine[1])
        object.__setattr__(self, "measured", replace(self.measured, bounds=bounds))

    def settled(self) -> "Number":
        """The same without the samples: its interval is made now."""
        return replace(self, measured=self.measured.settled())


@dataclass(frozen=True, slots=True)
class Reading:
    """The means of one part of the samples.

    Attributes:
        means: The means of all parts.
        part: Which part.
        modalities: Names of the players.
    """

    means: Means
    part: int
    modalities: tuple[str, ...]

    def of(self, name: str, bounds: Bounds = ANY) -> Replicates:
        """The mean of one column."""
        return self.means.of(name, self.part, bounds)

    def has(self, name: str) -> bool:
        """Whether any sample of the part has a value."""
        return self.means.has(name, self.part)

    def each(self, prefix: str) -> list[str]:
        """Modalities of which any sample has this column."""
        return [m for m in self.modalities if self.has(f"{prefix}_{m}")]

    def both(self) -> Iterator[tuple[str, str, str]]:
        """Every pair: its two modalities, and its name in columns."""
        for i, j in pairs(len(self.modalities)):
            a, b = self.modalities[i], self.modalities[j]
            yield a, b, f"{a}_{b}"


def game_numbers(at: Reading) -> Iterator[Number]:
    """Of one worth: φ, shares, who is on top, interactions, worth of all and of nobody."""
    for name in ("v_none", "v_all"):
        yield Number("", name, at.of(name))
    there = at.each("phi")
    for m in there:
        yield Number(m, "phi", at.of(f"phi_{m}"))
        yield Number(m, "phi_abs", at.of(f"size_{m}"))
        yield Number(m, "top_rate", at.of(f"top_{m}", SHARE))
        yield from _drawn(at, m)
    sizes = [at.of(f"size_{m}") for m in there]
    if len(there) > 1 and any(s.point > 0 for s in sizes):
        for m, share in zip(there, shares(sizes), strict=True):
            yield Number(m, "share", share)
        yield Number("", "gini", gini(sizes))
    for a, b, name in at.both():
        for index in ("interaction", "taylor"):
            if at.has(f"{index}_{name}"):
                yield Number(f"{a},{b}", index, at.of(f"{index}_{name}"))
        if at.has(f"squared_{PAIR_ERROR}_{name}"):
            error = root_mean(at.of(f"squared_{PAIR_ERROR}_{name}"))
            yield Number(f"{a},{b}", "interaction_error", error)
    if at.has("together") and at.of("gain").point > 0:
        yield Number("", "together_share", at.of("together") / at.of("gain"))


def _drawn(at: Reading, m: str) -> Iterator[Number]:
    """How far off φ may be by what was drawn: by chance, and by few donors."""
    if at.has(f"squared_error_{m}"):
        yield Number(m, "phi_error", root_mean(at.of(f"squared_error_{m}")))
    if at.has(f"shift_{m}"):
        yield Number(m, "phi_shift", at.of(f"shift_{m}"))


def root_mean(squares: Replicates) -> Replicates:
    """The root of a mean of squares."""
    return combine(lambda x: abs(x) ** 0.5, [squares])


def answer_numbers(at: Reading, most: float) -> Iterator[Number]:
    """Of the answers: how often right, with what; what all gain over the best; outcomes.

    Args:
        at: The means of one part.
        most: What one sample may add to a mean of losses.
    """
    if at.has("loss"):
        yield Number("", "loss", at.of("loss", (0.0, most)))
    for m in at.each("loss_alone"):
        yield Number(m, "loss_alone", at.of(f"loss_alone_{m}", (0.0, most)))
    if not at.has("right"):
        return
    right = at.of("right", SHARE)
    yield Number("", "accuracy", right)
    for m in at.each("alone"):
        yield Number(m, "accuracy_alone", at.of(f"alone_{m}", SHARE))
        yield Number(m, "gained_rate", at.of(f"gained_{m}", SHARE))
        yield Number(m, "lost_rate", at.of(f"lost_{m}", SHARE))
    yield Number("", "gain_over_best_alone", gain_over_best(at))
    for name in OUTCOMES:
        yield Number("", f"{name}_rate", at.of(f"outcome_{name}", SHARE))
    yield from _utilisation(at)


def gain_over_best(at: Reading) -> Replicates:
    """Accuracy with everything minus that of the best modality alone, chosen in each replicate."""
    right = at.of("right", SHARE)
    return extreme([right - at.of(f"able_{m}", SHARE) for m in at.modalities])


def _utilisation(at: Reading) -> Iterator[Number]:
    for a, b, name in at.both():
        if not at.has(f"right_pair_{name}"):
            continue
        together = at.of(f"right_pair_{name}", SHARE)
        if together.point > 0:
            for one, other in ((a, b), (b, a)):
                used = conditional_utilisation(together, at.of(f"alone_{other}|{name}", SHARE))
                yield Number(f"{one}|{other}", "conditional_utilisation", used)


def meanings(names: Iterable[str], *, grouped: bool) -> dict[str, Metric]:
    """What some metrics of the summary mean, in the order declared.

    Args:
        names: The metrics.
        grouped: Whether samples stand in groups.
    """
    there = set(names)
    some = {name: metric for name, metric in METRICS.items() if name in there}
    if not grouped:
        return some
    return {
        name: replace(metric, unsure=metric.unsure or metric.unsure_in_groups)
        for name, metric in some.items()
    }


def by_modality(numbers: Sequence[Number], metric: str) -> dict[str, Replicates]:
    """The numbers of one metric, by modality."""
    return {n.modality: n.measured for n in numbers if n.metric == metric}


def error_notes(numbers: Sequence[Number], value: str, policy: str) -> Iterator[str]:
    """How far off contributions may be, where donors or coalitions were drawn."""
    errors = by_modality(numbers, "phi_error")
    if errors:
        listed = ", ".join(f"{m} {error.point:.2g}" for m, error in errors.items())
        yield (
            f"Monte-Carlo standard error of a sample's φ by {value} "
            f"(absent values: {policy}): {listed}."
        )
    of_pairs = by_modality(numbers, "interaction_error")
    if of_pairs:
        most = max(of_pairs, key=lambda pair: of_pairs[pair].point)
        yield (
            f"Of a sample's interactions by {value} it is at most {of_pairs[most].point:.2g} "
            f"({most}; absent values: {policy})."
        )
    mean, clear = by_modality(numbers, "phi"), []
    for m, shift in by_modality(numbers, "phi_shift").items():
        by, whole = shift.estimate(), mean[m].estimate()
        if not by.low <= 0 <= by.high and abs(by.value) > SEEN * (whole.high - whole.low):
            clear.append(f"{m} {by}")
    if clear:
        yield (
            f"Mean φ by {value} (absent values: {policy}) is larger than with many donors by "
            f"{', '.join(clear)}, which its interval does not show; more donors make it less."
        )
