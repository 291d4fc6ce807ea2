"""Flags of what modalities have in common: one says what another says, or only all say anything."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.contributions.columns import numbers
from mmaudit.audits.contributions.flags import LEVEL, MOST, Flag
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.overlap import same_information, synergy_share
from mmaudit.measures.tasks.base import FLOOR
from mmaudit.rows import Estimate
from mmaudit.samples.parts import GROUP, LABEL, units


def overlap_flags(
    tables: Sequence[pa.Table], modalities: Sequence[str], absent: str
) -> Iterator[Flag]:
    """``redundant`` of each pair and ``synergy`` of the model, from what each answers alone.

    Args:
        tables: Rows of one worth and policy.
        modalities: Names of the players.
        absent: The policy.
    """
    needed = {"id", GROUP, LABEL, "right"}
    needed |= {f"{name}_{m}" for name in ("alone", "p_true_alone") for m in modalities}
    table = pa.concat_tables([t.select([c for c in t.column_names if c in needed]) for t in tables])
    if "right" not in table.column_names or LABEL not in table.column_names:
        return
    labels = np.unique(np.array(table[LABEL].to_pylist()), return_inverse=True)[1]
    unit = np.unique(np.array(units(table)), return_inverse=True)[1]
    alone = {m: numbers(table, f"alone_{m}") for m in modalities}
    chance = float(np.bincount(labels).max() / labels.size)
    z = NormalDist().inv_cdf(1 - LEVEL / 2 / max(1, len(modalities) * (len(modalities) - 1) // 2))
    for i, j in pairs(len(modalities)):
        a, b = modalities[i], modalities[j]
        there = ~(np.isnan(alone[a]) | np.isnan(alone[b]))
        if not there.any():
            continue
        both = [_odds(table, m)[there] for m in (a, b)]
        value, influence = same_information(both[0], both[1], labels[there])
        rho = _estimate(value, influence, unit[there], z, -1.0)
        clear = all(_informative(alone[m][there], unit[there], chance) for m in (a, b))
        yield Flag(
            flag="redundant",
            value="",
            absent=absent,
            modality=f"{a},{b}",
            raised=clear and rho.low > MOST,
            because=(
                f"within a class the answers of {a} alone and of {b} alone have a rank correlation "
                f"of {rho}" + ("" if clear else ", and one of them is not shown to beat chance")
            ),
        )
    yield _synergy(numbers(table, "right"), alone, unit, chance, absent)


def _synergy(
    right: Floats, alone: Mapping[str, Floats], unit: Ints, chance: float, absent: str
) -> Flag:
    able = [np.nan_to_num(one) for one in alone.values()]
    value, influence = synergy_share(right, able, chance)
    share = _estimate(value, influence, unit, NormalDist().inv_cdf(1 - LEVEL / 2), -np.inf)
    return Flag(
        flag="synergy",
        value="",
        absent=absent,
        modality="",
        raised=share.low > MOST and _informative(right, unit, chance),
        because=f"of what all tell about the class, {share} is told by none alone",
    )


def _odds(table: pa.Table, modality: str) -> Floats:
    p = np.clip(numbers(table, f"p_true_alone_{modality}"), FLOOR, 1 - FLOOR)
    return np.asarray(
        np.round(np.log(p / (1 - p)), 6), np.float64
    )  # what differs by rounding alone is tied


def _estimate(value: float, influence: Floats, unit: Ints, z: float, low: float) -> Estimate:
    """The number with its interval, from what each unit does to it; open where it is not known."""
    sums = np.bincount(unit, influence) / influence.size
    n = sums.size
    if np.isnan(value) or n < 2:
        return Estimate(value, low, 1.0, n)
    half = z * float(np.sqrt(n / (n - 1) * (sums @ sums)))
    return Estimate(value, max(low, value - half), min(1.0, value + half), n)


def _informative(right: Floats, unit: Ints, chance: float) -> bool:
    """Whether it is right more often than the most frequent class, one-sided at 2.5 %."""
    rate = float(right.mean())
    own = _estimate(rate, right - rate, unit, NormalDist().inv_cdf(1 - LEVEL / 2), 0.0)
    return own.low > chance
