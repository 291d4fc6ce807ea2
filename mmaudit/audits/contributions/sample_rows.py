"""What is written of each sample: one row for every worth and absence policy."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.contributions.answer_facts import Facts
from mmaudit.audits.contributions.game import Game, Played
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.outcomes import OUTCOMES, outcomes
from mmaudit.samples.decode import Samples
from mmaudit.samples.parts import LABEL, group_column, slice_columns

Columns = dict[str, pa.Array]
PAIR_ERROR = "pair_error"  # before the name of a pair: standard error of its interaction


def pair_names(modalities: Sequence[str]) -> list[str]:
    """``a_b`` for every pair, in the order of every pairwise table."""
    return [f"{modalities[i]}_{modalities[j]}" for i, j in pairs(len(modalities))]


def game_columns(
    game: Game, modalities: Sequence[str], present: NDArray[np.bool_], *, table: bool
) -> Columns:
    """The numbers of one game; null where a modality is absent, or where nothing was drawn.

    Args:
        game: The game of the unit.
        modalities: Names of the players.
        present: Which each sample has, ``(sample, modality)``.
        table: Whether the worth of every coalition is written.
    """
    both = np.array([present[:, i] & present[:, j] for i, j in pairs(len(modalities))])
    residual = game.phi.sum(axis=1) - (game.everybody - game.nobody)
    columns: Columns = {"v_none": pa.array(game.nobody), "v_all": pa.array(game.everybody)}
    columns |= named("phi", modalities, game.phi, present)
    if game.error is not None:
        columns |= named("error", modalities, game.error, present & ~np.isnan(game.error))
    columns |= named("shift", modalities, game.shift, present)
    names = pair_names(modalities)
    columns |= named("interaction", names, game.interaction, both.T)
    if game.interaction_error is not None:
        certain = both.T & ~np.isnan(game.interaction_error)
        columns |= named(PAIR_ERROR, names, game.interaction_error, certain)
    columns |= named("taylor", names, game.taylor, both.T)
    columns["residual"] = pa.array(residual)
    if table and game.worths is not None:
        flat = pa.array(np.ascontiguousarray(game.worths.T).ravel())
        columns["coalitions"] = pa.FixedSizeListArray.from_arrays(flat, len(game.worths))
    return columns


def fact_columns(
    facts: Mapping[int, Facts], modalities: Sequence[str], present: NDArray[np.bool_]
) -> Columns:
    """What the answers say whatever the worth: with everything, each alone, and each pair."""
    every = facts.get((1 << len(modalities)) - 1)
    if every is None:
        return {}
    alone = [facts[1 << m] for m in range(len(modalities))]
    columns: Columns = {"loss": pa.array(every.loss)}
    columns |= named("loss_alone", modalities, np.stack([f.loss for f in alone], axis=1), present)
    beliefs = [f.beliefs for f in alone if f.beliefs is not None]
    if every.beliefs is None:
        return columns
    right = np.stack([b.right for b in beliefs], axis=1)
    able = (right == 1) & present  # a tie is right by a share, and an outcome is all or nothing
    together = every.beliefs.right == 1
    outcome = outcomes(able, together)
    columns["right"] = pa.array(every.beliefs.right)
    columns["p_all"] = pa.array(every.beliefs.p_true)
    nothing = ~present.any(axis=1)  # what is right without any modality is a guess, no synergy
    columns["outcome"] = pa.array(np.array(OUTCOMES)[outcome], pa.string(), mask=nothing)
    columns["redundancy"] = pa.array(np.where(together, able.sum(axis=1), 0).astype(np.int64))
    columns["synergy"] = pa.array((outcome == OUTCOMES.index("synergy")) & ~nothing)
    columns |= named("alone", modalities, right, present)
    for name in ("p_true", "entropy", "strength"):
        values = np.stack([getattr(b, name) for b in beliefs], axis=1)
        columns |= named(f"{name}_alone", modalities, values, present)
    return columns | _pairwise(facts, modalities, present)


def _pairwise(
    facts: Mapping[int, Facts], modalities: Sequence[str], present: NDArray[np.bool_]
) -> Columns:
    """The probability of the true class from each pair, and whether the pair is right."""
    columns: Columns = {}
    for (i, j), name in zip(pairs(len(modalities)), pair_names(modalities), strict=True):
        both = facts.get(1 << i | 1 << j)
        if both is None or both.beliefs is None:
            continue
        absent = ~(present[:, i] & present[:, j])
        columns[f"p_true_pair_{name}"] = pa.array(both.beliefs.p_true, mask=absent)
        columns[f"right_pair_{name}"] = pa.array(both.beliefs.right, mask=absent)
    return columns


def sample_columns(samples: Samples, labels: NDArray[np.generic] | None) -> Columns:
    """What the sample is: its label, group and slices, as far as there are any."""
    columns: Columns = {} if labels is None else {LABEL: pa.array(labels)}
    return columns | group_column(samples) | slice_columns(samples)


def unit_table(
    played: Mapping[str, Played],
    extra: Mapping[str, Columns],
    samples: Samples,
    labels: NDArray[np.generic] | None,
    present: NDArray[np.bool_],
    modalities: Sequence[str],
    *,
    table: bool,
) -> pa.Table:
    """The rows of one unit: all samples by the first worth and policy, then by the next.

    Args:
        played: The games by absence policy.
        extra: Further columns by absence policy.
        samples: The samples.
        labels: Label of each, as it is written.
        present: Which modalities each has, ``(sample, modality)``.
        modalities: Names of the players.
        table: Whether the worth of every coalition is written.
    """
    n = len(samples)
    tables = []
    for absent, games in played.items():
        facts = fact_columns(games.facts, modalities, present) | extra[absent]
        for value, game in games.games.items():
            columns = {
                "id": pa.array(samples.ids, pa.string()),
                "value": pa.array([value] * n, pa.string()),
                "absent": pa.array([absent] * n, pa.string()),
                **game_columns(game, modalities, present, table=table),
                **facts,
                **sample_columns(samples, labels),
            }
            tables.append(pa.table(columns))
    return pa.concat_tables(tables, promote_options="default")


def named(
    prefix: str,
    names: Sequence[str],
    values: NDArray[np.generic] | None,
    present: NDArray[np.bool_],
) -> Columns:
    """One column a name, null where a modality is absent; none where nothing was measured."""
    if values is None:
        return {}
    return {
        f"{prefix}_{name}": pa.array(values[:, k], mask=~present[:, k])
        for k, name in enumerate(names)
    }
