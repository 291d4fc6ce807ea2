"""Balance: what each modality brings to the answers of every method, and how evenly they do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mmaudit.arrays import Floats
from mmaudit.audits.base import Read
from mmaudit.audits.remedies.judging import ModalityNumber, Ring
from mmaudit.audits.remedies.unit import PHI
from mmaudit.measures.games.crossed_shares import crossed_gini, crossed_shares
from mmaudit.measures.games.shapley import METRICS as GAME
from mmaudit.measures.games.shares import METRICS as SHARES
from mmaudit.measures.intervals.crossed import compare
from mmaudit.measures.intervals.influences import CrossedNumber, crossed_mean
from mmaudit.measures.intervals.replicates import SHARE, Bounds
from mmaudit.names import CLEAN
from mmaudit.rows import Estimate, Metric

METRICS = {
    "phi": GAME["phi"],
    **SHARES,
    "phi_gain": Metric(
        "how much more the modality brings than to the control of the same head, with one interval "
        "for all methods and modalities at once"
    ),
    "gini_gain": Metric(
        "how much more evenly modalities share the work than with the control of the same head, "
        "with one interval for all methods at once",
        "",
        "higher",
        low=-1.0,
        high=1.0,
    ),
}
Numbers = Mapping[str, CrossedNumber]  # of each method


def balance_numbers(
    ring: Ring, read: Read, controls: Mapping[str, str]
) -> Iterator[ModalityNumber]:
    """Contributions on clean samples, their shares, and their Gini coefficient.

    Args:
        ring: The contest.
        read: Reads back the units' tables.
        controls: Control of each method that is compared.
    """
    modalities = ring.modalities
    if len(modalities) < 2:
        return
    columns = ring.said(read, [f"{PHI}_{m}" for m in modalities], 0)
    by_modality = {m: columns[f"{PHI}_{m}"] for m in modalities}
    brought = {m: _means(ring, own) for m, own in by_modality.items()}
    for m, own in brought.items():
        for name, number in own.items():
            yield _number(name, "phi", number.estimate(), modality=m)
    ginis = {}
    for name in ring.names:
        sizes = [crossed_mean(abs(own[name]), ring.groups) for own in by_modality.values()]
        there = [(m, size) for m, size in zip(modalities, sizes, strict=True) if size.units]
        if len(there) < 2 or not sum(size.value for _, size in there) > 0:
            continue
        shares = crossed_shares([size for _, size in there])
        for (m, _), share in zip(there, shares, strict=True):
            yield _number(name, "share", share.estimate(SHARE), modality=m)
        ginis[name] = crossed_gini(shares)
        yield _number(name, "gini", ginis[name].estimate(SHARE))
    yield from _beside(brought, ginis, controls)


def _means(ring: Ring, values: Mapping[str, Floats]) -> Numbers:
    """Mean contribution of a modality to each method; of none that no sample has."""
    means = {name: crossed_mean(own, ring.groups) for name, own in values.items()}
    return {name: number for name, number in means.items() if number.units}


def _beside(
    brought: Mapping[str, Numbers], ginis: Numbers, controls: Mapping[str, str]
) -> Iterator[ModalityNumber]:
    """What is otherwise than with the control: contributions, and evenness."""
    for m, own in brought.items():
        more = _differences(own, controls, 1)
        for name, estimate in _together(more, len(brought), METRICS["phi_gain"].bounds).items():
            yield _number(name, "phi_gain", estimate, modality=m, control=controls[name])
    evener = _differences(ginis, controls, -1)
    for name, estimate in _together(evener, 1, METRICS["gini_gain"].bounds).items():
        yield _number(name, "gini_gain", estimate, control=controls[name])


def _differences(own: Numbers, controls: Mapping[str, str], sign: int) -> Numbers:
    """Each method less its control, or the other way round."""
    pairs = {n: (own[n], own[c]) for n, c in controls.items() if n in own and c in own}
    return {name: a - b if sign > 0 else b - a for name, (a, b) in pairs.items()}


def _together(numbers: Numbers, families: int, bounds: Bounds) -> dict[str, Estimate]:
    """Each with the interval that is corrected over all of them, and over such families."""
    tables = {name: number.pull + number.value for name, number in numbers.items()}
    out = {}
    for name, gain in compare(tables, margin=0.0, families=families).items():
        of = numbers[name]
        low = max(gain.estimate.low - of.above, bounds[0])
        high = min(gain.estimate.high + of.below, bounds[1])
        out[name] = replace(gain.estimate, low=low, high=high, n=of.units)
    return out


def _number(
    method: str, metric: str, estimate: Estimate, modality: str = "", control: str = ""
) -> ModalityNumber:
    return ModalityNumber(
        method=method,
        metric=metric,
        estimate=estimate,
        family=CLEAN,
        modality=modality,
        control=control,
    )
