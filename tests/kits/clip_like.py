"""Embeddings that behave like CLIP's, with known mismatches.

Items have a topic and a subtopic (Zipf), and something of their own; both sides see it through
noise and share a cone. 5 % of the captions are vague, 10 % of the items nearly repeat another.
Matched cosines are 0.35 +- 0.08, shuffled ones 0.09 +- 0.08.
"""

import numpy as np

from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.seeds import words


def clip_like(n=4000, d=160, seed=0):
    """Left rows, right rows, and the topic of each item."""
    rng = np.random.default_rng(seed)
    topics, subtopics = 40, 8
    shares = 1 / np.arange(1, topics + 1)
    topic = rng.choice(topics, n, p=shares / shares.sum())
    subtopic = topic * subtopics + rng.integers(0, subtopics, n)
    item = 0.4 * rng.normal(size=(topics, d))[topic]
    item += 0.45 * rng.normal(size=(topics * subtopics, d))[subtopic]
    item += 0.7 * rng.normal(size=(n, d))
    near = rng.choice(n, n // 10, replace=False)
    source = rng.integers(0, n, len(near))
    item[near] = item[source] + 0.25 * rng.normal(size=(len(near), d))
    topic[near] = topic[source]
    told = np.where(rng.random(n) < 0.05, 0.5, 1.0) * np.exp(0.2 * rng.normal(size=n))
    cone = 0.55 * rng.normal(size=d)
    left = item + 1.4 * rng.normal(size=(n, d)) + cone
    right = told[:, None] * item + 1.4 * rng.normal(size=(n, d)) + cone
    return unit(left), unit(right), topic


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def mismatched(n, share, seed, strata=None):
    """The partner of each left row, and which are wrong: a derangement of a random subset."""
    rng = np.random.default_rng(1000 + seed)
    partner = np.arange(n)
    chosen = rng.permutation(n)[: round(share * n)]
    blocks = (
        [chosen] if strata is None else [chosen[strata[chosen] == s] for s in np.unique(strata)]
    )
    for block in blocks:
        if len(block) > 1:
            order = rng.permutation(block)
            partner[order] = np.roll(order, 1)
    return partner, partner != np.arange(n)


def sides(n=400, share=0.2, seed=0, d=32):
    """Such sides with a share of mismatches, cut into five folds; and which pairs are wrong."""
    left, right, _ = clip_like(n, d, seed)
    partner, wrong = mismatched(n, share, seed)
    fold = shuffles.folds(np.arange(n), 5, words(seed, "folds"))
    made = Sides(
        left=left, right=right[partner], shared=True, fold=fold, copy=np.arange(n), seed=seed
    )
    return made, wrong
