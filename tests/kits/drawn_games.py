"""Games of which some coalitions are asked."""

import numpy as np

from mmaudit.measures.games.coalitions import members
from mmaudit.measures.games.paired import sampled


def keys(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**63, n, dtype=np.uint64)


def logistic(modalities, n, seed):
    """Games of a logistic model with products of pairs: its probability, and whether it is right.

    ``(coalition, sample, value)``.
    """
    rng = np.random.default_rng(seed)
    x = members(modalities).astype(float)
    own, pairs = rng.normal(size=(n, modalities)), rng.normal(size=(n, modalities, modalities))
    z = rng.normal(size=n) + x @ own.T
    z += np.einsum("ci,nij,cj->cn", x, np.triu(0.35 * pairs, 1), x, optimize=True)
    return np.stack([1 / (1 + np.exp(-z)), z > 0], axis=2)


def estimate(game, count, present=None, seed=0):
    """What is estimated of games ``(coalition, sample, value)``, and how often they were asked."""
    n, m = game.shape[1], game.shape[0].bit_length() - 1
    bits = 1 << np.arange(m)
    return ask(lambda there: game[there @ bits, np.arange(n)], n, m, count, present, seed)


def ask(worth, n, m, count, present=None, seed=0):
    """The same of games that are a function of who is there, ``(sample, modality)``."""
    present, calls = np.ones((n, m), bool) if present is None else present, []

    def evaluate(there):
        calls.append(there)
        return worth(there & present)

    alone = np.stack([worth(present & one) for one in np.eye(m, dtype=bool)], axis=1)
    ends = worth(np.zeros((n, m), bool)), worth(present), alone
    return sampled(evaluate, keys(n, seed), present, count, ends), len(calls)
