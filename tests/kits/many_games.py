"""Many simulated test sets as the slices of one contributions audit, and all its numbers."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from mmaudit.audits.contributions import sample_rows, summary
from mmaudit.audits.contributions.answer_facts import Facts
from mmaudit.audits.contributions.audit import Row
from mmaudit.audits.contributions.game import Game
from mmaudit.audits.contributions.options import VIEWS
from mmaudit.audits.contributions.scope import Scope
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.measures.balance.beliefs import beliefs
from mmaudit.measures.games.interactions import solved
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.store import write

MODALITIES = ("image", "text")
POLICIES = ("zeros", "mean")
CLASSES = 3
MADE = Provenance(audit="contributions", seed=0, digests={"manifest": "a" * 64})
PLAIN = SimpleNamespace(
    target_kind="class",
    manifest=SimpleNamespace(source=SimpleNamespace(slices=("set",)), folder="/nonexistent"),
    column=lambda _: pa.chunked_array([["test"]]),
    split_for=lambda _: None,
)


def answered(rng, n, signal=(1.5, 1.0)):
    """Labels, and the probabilities of no modality, either alone, and both, each ``(n, class)``."""
    labels = rng.integers(0, CLASSES, n)
    truth = np.eye(CLASSES)[labels]
    sides = [s * truth + rng.normal(0, 0.8, (n, CLASSES)) for s in signal]
    logits = [np.zeros((n, CLASSES)), *sides, sides[0] + sides[1]]
    powers = [np.exp(2 * x - 2 * x.max(axis=1, keepdims=True)) for x in logits]
    return labels, [p / p.sum(axis=1, keepdims=True) for p in powers]


def table(labels, answers, sets, groups, policy):
    """The rows of one worth and policy.

    Args:
        labels: Class of each sample, test set by test set, ``(sample,)``.
        answers: Probabilities as of `answered`.
        sets: How many test sets.
        groups: Number of each sample's group, ``(sample,)``; None for none.
        policy: Absence policy.
    """
    worths = np.stack([a[np.arange(labels.size), labels] for a in answers])
    out = solved(worths)
    error = np.abs(out.phi) * 0.1 + 0.01
    game = Game(
        phi=out.phi,
        error=error,
        nobody=worths[0],
        everybody=worths[-1],
        interaction=out.interaction,
        taylor=out.taylor,
    )
    facts = {k: Facts(beliefs=beliefs(a, labels)) for k, a in enumerate(answers)}
    present = np.ones((labels.size, 2), bool)
    weight = np.abs(out.phi) + 0.1
    extra = sample_rows.named("weight", MODALITIES, weight / weight.sum(1, keepdims=True), present)
    extra |= sample_rows.named("length", MODALITIES, weight + 1, present)
    columns = {
        "id": pa.array([f"{i:08d}" for i in range(labels.size)]),
        "value": pa.array(["p_true"] * labels.size),
        "absent": pa.array([policy] * labels.size),
        **sample_rows.game_columns(game, MODALITIES, present, table=False),
        **sample_rows.fact_columns(facts, MODALITIES, present),
        **extra,
        "label": pa.array(labels.astype(str)),
        "slice:set": pa.array(np.repeat([f"{i:05d}" for i in range(sets)], labels.size // sets)),
    }
    if groups is not None:
        columns["group"] = pa.array(groups.astype(str))
    return pa.table(columns)


def estimates(rng, sets, n, groups=None, replicates=300):
    """The estimate of every number in every test set, by metric and modality, as of `summarised`."""
    found = {}
    for row in summarised(rng, sets, n, groups, replicates).rows:
        if row.slice.startswith("set=") and row.absent != POLICIES[1]:
            found.setdefault((row.metric, row.modality), []).append(row.estimate)
    return found


def run(folder, outcome):
    """Write what was summarised as the run of an audit.

    Args:
        folder: Where the run goes.
        outcome: As of `summarised`.
    """
    made = to_table(outcome.rows, Row, MADE, outcome.metrics, VIEWS)
    write(made, Path(folder) / "contributions" / "summary.parquet")
    return Path(folder)


def outcomes(folder, metric, modality, sets, **limit):
    """What a gate says of a number of each set, under the first policy, an outcome a set."""
    names = [] if metric.startswith("policy_") else [f"absent={POLICIES[0]}"]
    names += [f"modality='{modality}'"] if modality else []
    selector = (
        f"contributions.{metric}{{{','.join(names)}}}" if names else f"contributions.{metric}"
    )
    checks = [
        {"id": str(i), "metric": selector, "slice": f"set={i:05d}"} | limit for i in range(sets)
    ]
    made = judge(folder, config.build({"check": checks}, "gate.toml"))
    return np.array([result.cells[0].outcome for result in made.results])


def summarised(rng, sets, n, groups=None, replicates=300):
    """What the audit says of many test sets, each a slice.

    Args:
        rng: Randomness.
        sets: Test sets.
        n: Samples of each.
        groups: Number of each sample's group, ``(n,)``.
        replicates: Bootstrap draws.
    """
    size = n if groups is None else int(groups.max()) + 1
    labels, answers = answered(rng, sets * size)
    other = [a * np.exp(rng.normal(0, 0.3, a.shape)) for a in answers]
    other = [a / a.sum(axis=1, keepdims=True) for a in other]
    if groups is not None:
        groups = (np.arange(sets)[:, None] * size + groups).reshape(-1)
        labels = labels[groups]
        answers, other = ([a[groups] for a in some] for some in (answers, other))
    tables = [
        table(labels, some, sets, groups, policy)
        for policy, some in zip(POLICIES, (answers, other), strict=True)
    ]
    scope = Scope(
        values=("p_true",),
        policies=POLICIES,
        modalities=MODALITIES,
        task="class",
        seed=0,
        replicates=replicates,
        classes=CLASSES,
        prior={str(k): 1 / CLASSES for k in range(CLASSES)},
    )

    def read(names, group, *_):
        yield tables[group] if names is None else tables[group].select(names)

    return summary.summarise(Row, scope, SimpleNamespace(dataset=PLAIN), read, (), None)
