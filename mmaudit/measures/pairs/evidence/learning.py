"""Learning: would more pairs teach the head to recognise more of them?

Without a shared space the comparison is learnt on the very pairs, so what it does not recognise may
be a match that it has not learnt yet. Then half of the pairs are recognised less often than all
are, and random mismatches are not: they are as many of a half as of the whole.
"""

from dataclasses import replace

import numpy as np

from mmaudit.arrays import Bools
from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.measures.pairs.evidence import positions
from mmaudit.measures.pairs.evidence.statistics import scores_of
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.scoring import Method
from mmaudit.measures.pairs.study import NoStrangersError, Study, study
from mmaudit.seeds import words

FEWEST = 400  # independent pairs that may be called mismatched by what was learnt on them
DROP, PART = 0.03, 0.2  # of the rate from half of the pairs to all, or that part of the rate


def unlearnt(pairs: Pairs, whole: Study, method: Method, seed: int) -> str:
    """Why a comparison that was learnt on the pairs is not to be trusted, empty where it is.

    Args:
        pairs: The pairs.
        whole: Their study, without a shared space.
        method: Detectors of it.
        seed: Seed of all randomness.
    """
    n = min(len(np.unique(kin)) for kin in whole.kin)
    if n < FEWEST:
        return (
            f"the sides share no space, and {n} independent pairs teach too little to call what "
            f"is not recognised mismatched; {FEWEST} are the fewest"
        )
    here = words(seed, "noisy_pairs/halves").permutation(int(whole.unit.max()) + 1)
    half = (np.argsort(here) % 2 == 0)[whole.unit]
    try:
        rate = np.mean([_middle(_part(pairs, rows), method, seed) for rows in (half, ~half)])
    except NoStrangersError:
        return "the sides share no space, and half of the pairs have too few strangers"
    all_of_them = _rate(whole)
    if rate - all_of_them <= max(DROP, PART * all_of_them):
        return ""
    return (
        f"the sides share no space, and the comparison is still learning: {rate:.1%} look like "
        f"random re-pairings by half of the pairs and {all_of_them:.1%} by all; more pairs, or an "
        "encoder that was trained elsewhere, may recognise more of them"
    )


def _part(pairs: Pairs, rows: Bools) -> Pairs:
    group = np.unique(pairs.group[rows], return_inverse=True)[1].astype(np.int64)
    return replace(
        pairs, left=pairs.left[rows], right=pairs.right[rows], group=group, shared=False, label=None
    )


def _middle(pairs: Pairs, method: Method, seed: int) -> float:
    return _rate(study(pairs, method, seed))


def _rate(whole: Study) -> float:
    """Storey's rate by the middle of the shuffled pairs."""
    if whole.random is None:
        return 0.0
    return rates.rate(positions.positions(scores_of(whole, whole.random)))
