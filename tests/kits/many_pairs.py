"""Many simulated sets of pairs, some of them mismatched: studied, summarised, and gated."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit.audits.noisy_pairs import summary
from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.audits.noisy_pairs.audit import Row
from mmaudit.audits.noisy_pairs.judging import concluded
from mmaudit.audits.noisy_pairs.metrics import meanings
from mmaudit.audits.noisy_pairs.options import VIEWS, Options
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.measures.pairs.evidence import statistics
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.study import study
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.store import write

BOUNDS = {"noise_rate_upper", "noise_rate_upper_hard"}  # one-sided
MADE = Provenance(audit="noisy_pairs", seed=0, digests={"manifest": "a" * 64})


def drawn(rng, n, wrong, noise, members=1, wide=16):
    """Both sides of pairs, ``(n, wide)`` each, their groups, and which of them are mismatched.

    Args:
        rng: Randomness.
        n: Pairs.
        wrong: Share of mismatches; groups are mismatched as a whole.
        noise: Spread of a side around what both show, whose spread is 1.
        members: Pairs of a group.
        wide: Dimensions.
    """
    group = np.arange(n) // members
    truth = (rng.random(int(group.max()) + 1) < wrong)[group]
    shown = rng.normal(size=(n, wide))
    other = np.where(truth[:, None], rng.normal(size=shown.shape), shown)
    sides = [s + noise * rng.normal(size=shown.shape) for s in (shown, other)]
    return *(side.astype(np.float32) for side in sides), group, truth


def analysed(left, right, group, truth=None, **options):
    """One set of pairs as the audit looks at them, before they are summarised."""
    asked = Options(**{"method": "similarity", **options})
    pairs = Pairs(left=left, right=right, group=group.astype(np.int64), shared=True)
    found = study(pairs, asked.method, asked.seed)
    judgement = concluded(asked, pairs, found, lambda _: (None, np.zeros(len(left), bool)))
    return Analysis(
        options=asked,
        vectors=None,
        order=np.arange(len(left)),
        ids=[f"{i:06d}" for i in range(len(left))],
        groups=None,
        slices=pa.table({}),
        study=found,
        random=judgement.random,
        hard=None if found.hard is None else statistics.statistics(found, found.hard),
        named=judgement.named,
        suspicion=judgement.suspicion,
        flagged=judgement.flagged,
        forensics=None,
        suggested=None,
        suggested_cosine=None,
        truth=truth,
        planted={},
    )


def rows(left, right, group, truth=None, **options):
    """Estimates of one set of pairs by metric, as the audit summarises them."""
    analysis = analysed(left, right, group, truth, **options)
    return {row["metric"]: row["estimate"] for row in summary.rows(analysis)}


def sets(count, n, wrong, noise, members):
    """True numbers, and the estimates of many sets.

    The truth is the share that is wrong, and of means over pairs and of what depends on how many
    there are the mean of the sets; of the rest that of a set of 6,000 pairs.
    """
    rng = np.random.default_rng(0)
    big = rows(*drawn(rng, 6000, wrong, noise, members))
    found = [rows(*drawn(rng, n, wrong, noise, members)) for _ in range(count)]
    truth = {name: one.value for name, one in big.items()}
    for name in {name for one in found for name in one}:
        if name.startswith(("truth_", "sep", "sim")) or name.endswith("_hard"):
            truth[name] = float(np.mean([one[name].value for one in found if name in one]))
    return truth | {"noise_rate": wrong}, found


def declared(name):
    """The metric under which a number is declared."""
    name = name.removesuffix("_hard")
    return "truth_precision_at_*" if name.startswith("truth_precision_at_") else name


def run(folder, sets):
    """Write the estimates of many sets as the slices of one run.

    Args:
        folder: Where the run goes.
        sets: Estimates by metric, one mapping a set.
    """
    made = [
        Row(slice=f"set={i:05d}", metric=metric, estimate=estimate)
        for i, found in enumerate(sets)
        for metric, estimate in found.items()
    ]
    table = to_table(made, Row, MADE, meanings(row.metric for row in made), VIEWS)
    write(table, Path(folder) / "noisy_pairs" / "summary.parquet")
    return Path(folder)


def outcomes(folder, metric, sets, **limit):
    """What a gate says of a metric of each set, an outcome a set."""
    checks = [
        {"id": str(i), "metric": f"noisy_pairs.{metric}", "slice": f"set={i:05d}"} | limit
        for i in sets
    ]
    made = judge(folder, config.build({"check": checks}, "gate.toml"))
    return np.array([result.cells[0].outcome for result in made.results])
