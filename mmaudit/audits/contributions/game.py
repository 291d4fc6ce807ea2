"""The games of one unit: Shapley values and interactions of every sample by every worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.contributions.answer_facts import CoalitionWorths, Facts, Truth
from mmaudit.inference.base import Asking
from mmaudit.measures.games import paired
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.shapley import shapley
from mmaudit.models.calls.quiet import without_gradients
from mmaudit.seeds import digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How games are played.

    Attributes:
        worths: Names of the value functions.
        sampled: How many pairs of coalitions are drawn for each sample, beside each modality alone
            and all others; 0 plays every coalition.
        seed: Seed of the coalitions.
    """

    worths: tuple[str, ...]
    sampled: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """One game of every sample of a unit.

    Attributes:
        phi: Shapley values, ``(sample, modality)``.
        error: Their standard errors, from sampled coalitions or from the choice of donors; NaN
            where nothing is known of them, None where nothing was drawn.
        shift: How much larger they are than with many donors, by the jackknife,
            ``(sample, modality)``; None without donors.
        nobody: Worth of the empty coalition, ``(sample,)``.
        everybody: Worth of all that is present, ``(sample,)``.
        interaction: Shapley interaction index, ``(sample, pair)``; None where too few coalitions
            are sampled.
        interaction_error: Their standard errors, as of ``error``; None where nothing was drawn.
        taylor: Shapley-Taylor index, ``(sample, pair)``; None where sampled.
        worths: Worth of each coalition, ``(coalition, sample)``; None where sampled.
    """

    phi: Floats
    error: Floats | None
    nobody: Floats
    everybody: Floats
    shift: Floats | None = None
    interaction: Floats | None = None
    interaction_error: Floats | None = None
    taylor: Floats | None = None
    worths: Floats | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """All games of one unit under one absence policy.

    Attributes:
        games: By name of the worth.
        facts: By number of the coalition: all, each alone and, where exact, each pair.
    """

    games: Mapping[str, Game]
    facts: Mapping[int, Facts]


def play(asking: Asking, truth: Truth, rules: Rules) -> Played:
    """Play all games of one unit under one absence policy."""
    with without_gradients(asking.loaded.model):
        return _sampled(asking, truth, rules) if rules.sampled else _exact(asking, truth, rules)


def passes(modalities: int, sampled: int) -> int:
    """How often the games ask the model about a sample."""
    if sampled:
        return paired.passes(modalities, sampled)
    return 1 << modalities


def _exact(asking: Asking, truth: Truth, rules: Rules) -> Played:
    count = len(asking.kinds)
    recorded = {1 << m for m in range(count)} | {1 << i | 1 << j for i, j in pairs(count)}
    worths = CoalitionWorths(asking, truth, rules.worths, recorded | {(1 << count) - 1})
    tables, by_share = worths.worths(range(1 << count))
    shares = [None] * len(tables) if by_share is None else by_share.swapaxes(0, 1)
    games = {
        name: _solved(table, without)
        for name, table, without in zip(rules.worths, tables, shares, strict=True)
    }
    return Played(games, worths.facts)


def _solved(table: Floats, without: Floats | None) -> Game:
    """The exact game, with the jackknife over shares of the donors where there are any.

    A worth that is no straight line of the answer has with a share of the donors another mean and
    another spread than with all; without a share it is nearly what it is with all.

    Args:
        table: Worth of each coalition, ``(coalition, sample)``.
        without: The same without each share, ``(share, coalition, sample)``.
    """
    solution, error, shift = solved(table), None, None
    if without is not None:
        phi = np.stack([shapley(rest) for rest in without])
        error = phi.std(axis=0) * np.sqrt(len(phi) - 1)
        shift = (len(phi) - 1) * (phi.mean(axis=0) - solution.phi)
    return Game(
        phi=solution.phi,
        error=error,
        shift=shift,
        nobody=table[0],
        everybody=table[-1],
        interaction=solution.interaction,
        taylor=solution.taylor,
        worths=table,
    )


def _sampled(asking: Asking, truth: Truth, rules: Rules) -> Played:
    count = len(asking.kinds)
    recorded = {1 << m for m in range(count)}
    worths = CoalitionWorths(asking, truth, rules.worths, recorded | {(1 << count) - 1})
    keys = digests(rules.seed, "contributions/coalitions", asking.samples.ids)
    table, _ = worths.worths([0, *(1 << m for m in range(count)), (1 << count) - 1])
    nobody, *alone, everybody = table.transpose(1, 2, 0)
    ends = nobody, everybody, np.stack(alone, axis=1)
    of = paired.sampled(worths.worth, keys, asking.present, rules.sampled, ends)
    games = {
        name: Game(
            phi=of.phi[..., k],
            error=of.error[..., k],
            nobody=nobody[:, k],
            everybody=everybody[:, k],
            interaction=None if of.interaction is None else of.interaction[..., k],
            interaction_error=(
                None if of.interaction_error is None else of.interaction_error[..., k]
            ),
        )
        for k, name in enumerate(rules.worths)
    }
    return Played(games, worths.facts)
