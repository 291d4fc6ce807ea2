"""Is the model balanced between its modalities? Numbers from what each answers alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from mmaudit.audits.contributions.columns import Named, numbers, phi
from mmaudit.audits.contributions.metrics import Number, Reading
from mmaudit.audits.contributions.sample_rows import pair_names
from mmaudit.measures.balance.cal_contribution import cal_contributions
from mmaudit.measures.balance.dependence import inverse_entropy_shares, mismatches
from mmaudit.measures.balance.discrepancy import discrepancy_ratios
from mmaudit.measures.balance.partial_information import partial_information, unique
from mmaudit.measures.balance.weight_loss import covariance
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.shares import shares
from mmaudit.measures.intervals.replicates import ANY, SHARE, Bounds, Replicates

PARTS = ("redundant", "first", "second", "synergy")
WEIGHTS = ("weight", "share")  # the model's own fusion weights, and shares of |φ| as effective ones


def balance_columns(
    table: pa.Table, modalities: Sequence[str], prior: Mapping[str, float]
) -> Named:
    """Of each sample: weights times losses, and the parts of the information of each pair.

    Args:
        table: The rows of one worth and policy.
        modalities: Names of the players.
        prior: Share of each class among the labels.
    """
    out: Named = {}
    for name, weights in weights_of(table, modalities).items():
        for k, m in enumerate(modalities):
            loss = numbers(table, f"loss_alone_{m}")
            both = ~(np.isnan(weights[:, k]) | np.isnan(loss))
            for column, value in (
                (f"{name}_{m}", weights[:, k]),
                (f"{name}_loss_{m}", loss),
                (f"{name}_times_loss_{m}", weights[:, k] * loss),
            ):
                out[column] = np.where(both, value, np.nan)
    if "label" in table.column_names and prior:
        expected = np.array([prior[str(v)] for v in table["label"].to_pylist()])
        for (i, j), pair in zip(pairs(len(modalities)), pair_names(modalities), strict=True):
            out |= _information(table, modalities[i], modalities[j], pair, expected)
    return out


def weights_of(table: pa.Table, modalities: Sequence[str]) -> Named:
    """Fusion weights and effective weights of each sample, ``(sample, modality)`` by name."""
    out: Named = {}
    if f"loss_alone_{modalities[0]}" not in table.column_names:
        return out
    if f"weight_{modalities[0]}" in table.column_names:
        out["weight"] = np.stack([numbers(table, f"weight_{m}") for m in modalities], axis=1)
    sizes = np.abs(phi(table, modalities))
    total = np.nansum(sizes, axis=1, keepdims=True)
    out["share"] = np.divide(sizes, total, out=np.full_like(sizes, np.nan), where=total > 0)
    return out


def _information(table: pa.Table, a: str, b: str, pair: str, prior: np.ndarray) -> Named:
    if f"p_true_pair_{pair}" not in table.column_names:
        return {}
    parts = partial_information(
        numbers(table, f"p_true_alone_{a}"),
        numbers(table, f"p_true_alone_{b}"),
        numbers(table, f"p_true_pair_{pair}"),
        prior,
    )
    there = ~np.isnan(numbers(table, f"p_true_pair_{pair}"))
    return {
        f"information_{name}_{pair}": np.where(there, getattr(parts, name), np.nan)
        for name in PARTS
    }


def balance_numbers(at: Reading, classes: int) -> Iterator[Number]:
    """The balance of the model on one part of the samples.

    Args:
        at: The means of the part.
        classes: Number of classes; 0 where answers are not classes.
    """
    if classes:
        yield from _each(at, "p_true_alone", "discrepancy_ratio", discrepancy_ratios, SHARE)
        yield from _each(at, "strength_alone", "dependence", shares)
        yield from _each(at, "entropy_alone", "deserved_dependence", inverse_entropy_shares)
        there = at.each("entropy_alone")
        if len(there) > 1:
            strengths, entropies, brought = (
                [at.of(f"{name}_{m}") for m in there]
                for name in ("strength_alone", "entropy_alone", "phi")
            )
            for m, off in zip(there, mismatches(strengths, entropies), strict=True):
                yield Number(m, "dependence_mismatch", off)
            weights = cal_contributions(brought, entropies, classes)
            for m, weight in zip(there, weights, strict=True):
                yield Number(m, "cal_contribution", weight)
    yield from _each(at, "length", "length_share", shares)
    yield from _weights(at)
    for a, b, pair in at.both():
        if at.has(f"information_redundant_{pair}"):
            whole, mean = f"{a},{b}", {part: at.of(f"information_{part}_{pair}") for part in PARTS}
            yield Number(whole, "information_redundant", mean["redundant"])
            yield Number(f"{a}|{b}", "information_unique", unique(mean["first"]))
            yield Number(f"{b}|{a}", "information_unique", unique(mean["second"]))
            yield Number(whole, "information_synergy", mean["synergy"])


def _each(
    at: Reading,
    column: str,
    metric: str,
    measure: Callable[[Sequence[Replicates]], Sequence[Replicates]],
    bounds: Bounds = ANY,
) -> Iterator[Number]:
    """A measure that looks at all modalities at once and says something of each."""
    there = at.each(column)
    if len(there) > 1:
        values = measure([at.of(f"{column}_{m}", bounds) for m in there])
        for m, one in zip(there, values, strict=True):
            yield Number(m, metric, one)


def _weights(at: Reading) -> Iterator[Number]:
    for name in WEIGHTS:
        for m in at.each(f"{name}_times_loss"):
            product, loss = at.of(f"{name}_times_loss_{m}"), at.of(f"{name}_loss_{m}")
            weight = at.of(f"{name}_{m}", SHARE)
            yield Number(m, f"{name}_loss_covariance", covariance(product, weight, loss))
            if name == "weight":
                yield Number(m, "weight", at.of(f"{name}_{m}"))
