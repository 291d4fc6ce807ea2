"""Many simulated sets for the numbers of the adaptivity audit, through the code of its summary."""

import numpy as np

import adapted
from adapted import Evident
from mmaudit.audits.adaptivity.audit import Row
from mmaudit.audits.adaptivity.summary import TrustScope, summarise

KEYS = ("metric", "trust", "modality", "dose_of", "condition", "severity", "slice")


def estimates(seed, n, replicates, *, group=1):
    """All numbers of one set, by metric and what it is of."""
    table = adapted.table(Evident("follows", loud=True), n, seed, group=group)
    scope = TrustScope(
        modalities=("a", "b"),
        damaged=("a", "b"),
        absent="model",
        margin=0.1,
        seed=seed,
        replicates=replicates,
    )
    outcome = summarise(Row, scope, lambda: iter([table]))
    return {
        tuple(getattr(row, key) for key in KEYS): row.estimate
        for row in outcome.rows
        if row.trust in {"", "share"} or row.metric == "trust_change"
    }


def sets(count, n, replicates, *, group=1):
    """The numbers of so many sets, each a list by its key."""
    out = {}
    for seed in range(count):
        for key, estimate in estimates(1 + seed, n, replicates, group=group).items():
            out.setdefault(key, []).append(estimate)
    return out


def truth(n, *, group=1):
    """The same of one large set."""
    rng = np.random.default_rng(0)
    return {
        key: e.value
        for key, e in estimates(int(rng.integers(1 << 30)) + 10**6, n, 2, group=group).items()
    }
