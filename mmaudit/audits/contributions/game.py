"""The games of one unit: Shapley values and interactions of every sample by every worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.contributions.answer_facts import CoalitionWorths, Facts, Truth
from mmaudit.inference.base import Asking
from mmaudit.measures.games import permutations
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.shapley import shapley
from mmaudit.models.quiet import without_gradients
from mmaudit.seeds import digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How games are played.

    Attributes:
        worths: Names of the value functions.
        sampled: How many orders are drawn for each sample; 0 plays every coalition.
        seed: Seed of the orders.
    """

    worths: tuple[str, ...]
    sampled: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """One game of every sample of a unit.

    Attributes:
        phi: Shapley values, ``(sample, modality)``.
        error: Their standard errors, from sampled orders or from the choice of donors; None where
            nothing was drawn.
        nobody: Worth of the empty coalition, ``(sample,)``.
        everybody: Worth of all that is present, ``(sample,)``.
        interaction: Shapley interaction index, ``(sample, pair)``; None where sampled.
        taylor: Shapley-Taylor index, ``(sample, pair)``; None where sampled.
        worths: Worth of each coalition, ``(coalition, sample)``; None where sampled.
    """

    phi: Floats
    error: Floats | None
    nobody: Floats
    everybody: Floats
    interaction: Floats | None = None
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
        return permutations.passes(modalities, sampled) + modalities + 2
    return 1 << modalities


def affordable(modalities: int, budget: int) -> int:
    """How many orders a budget pays for, beside each modality alone, all and none."""
    return permutations.affordable(modalities, budget - modalities - 2)


def _exact(asking: Asking, truth: Truth, rules: Rules) -> Played:
    count = len(asking.kinds)
    recorded = {1 << m for m in range(count)} | {1 << i | 1 << j for i, j in pairs(count)}
    worths = CoalitionWorths(asking, truth, rules.worths, recorded | {(1 << count) - 1})
    tables, by_share = worths.worths(range(1 << count))
    errors = [None] * len(tables) if by_share is None else _errors(by_share)
    games = {
        name: _solved(table, error)
        for name, table, error in zip(rules.worths, tables, errors, strict=True)
    }
    return Played(games, worths.facts)


def _solved(table: Floats, error: Floats | None) -> Game:
    solution = solved(table)
    return Game(
        phi=solution.phi,
        error=error,
        nobody=table[0],
        everybody=table[-1],
        interaction=solution.interaction,
        taylor=solution.taylor,
        worths=table,
    )


def _errors(by_share: Floats) -> list[Floats]:
    """Standard error of each Shapley value, by worth: the jackknife over shares of the donors.

    A worth that is no straight line of the answer has with a share of the donors another mean and
    another spread than with all; without a share it is nearly what it is with all.
    """
    errors = []
    for tables in by_share.swapaxes(0, 1):
        phi = np.stack([shapley(table) for table in tables])
        errors.append(phi.std(axis=0) * np.sqrt(len(phi) - 1))
    return errors


def _sampled(asking: Asking, truth: Truth, rules: Rules) -> Played:
    count = len(asking.kinds)
    recorded = {1 << m for m in range(count)}
    worths = CoalitionWorths(asking, truth, rules.worths, recorded | {(1 << count) - 1})
    keys = digests(rules.seed, "contributions/orders", asking.samples.ids)
    drawn = permutations.orders(keys, count, rules.sampled)
    ends, _ = worths.worths([0, *(1 << m for m in range(count)), (1 << count) - 1])
    nobody, everybody = ends[:, 0].T, ends[:, -1].T
    phi, error = permutations.sampled(worths.worth, drawn, nobody, everybody)
    games = {
        name: Game(
            phi=phi[..., k],
            error=error[..., k],
            nobody=nobody[:, k],
            everybody=everybody[:, k],
        )
        for k, name in enumerate(rules.worths)
    }
    return Played(games, worths.facts)
