"""Simulated contests of remedies whose truth is known from a large one, through the summary itself."""

import json

import numpy as np
import pyarrow as pa
from scipy.special import expit

from mmaudit.audits.remedies import summary
from mmaudit.audits.remedies.audit import Row
from mmaudit.audits.remedies.conditions import JudgedCondition
from mmaudit.audits.remedies.judging import Ring
from mmaudit.audits.remedies.unit import Contestant
from mmaudit.samples.parts import Part

MODALITIES = ("a", "b")
HEADS = ("control/concat", "control/concat_mlp", "control/late_mean")
WEIGHS, JOINS = "dynamic/tcp", "dynamic/tmc"
METHODS = {HEADS[0]: 0.6, HEADS[1]: 0.7, HEADS[2]: 0.4, WEIGHS: 0.9, JOINS: 0.5}  # how right
CONTROLS = {HEADS[1]: HEADS[0], HEADS[2]: HEADS[0], WEIGHS: HEADS[2], JOINS: HEADS[2]}
SEVERITIES = (2, 5)
SEEDS = 0.1  # deviation of what a seed of training does to all of its samples


def scenes():
    """A condition or two of each family."""

    def scene(name, family, severity=0):
        damage = name if severity else ""
        return JudgedCondition(
            name=name, family=family, present=MODALITIES, damage=damage, severity=severity
        )

    damaged = [scene(f"vector/gaussian_noise:{s}@a", "damaged", s) for s in SEVERITIES]
    others = [scene("present:a", "incomplete"), scene("conflict", "conflict")]
    return scene("clean", "clean"), *damaged, *others, scene("conflict+noise", "conflict")


def contest(rng, n, seeds, members=1, *, classes=True):
    """The estimate of every number of a simulated contest, by what it is of."""
    ring = Ring(
        contestants=tuple(Contestant(name, name) for name in METHODS),
        seeds=seeds,
        scenes=scenes(),
        groups=None if members == 1 else np.arange(n) // members,
        score="correct" if classes else "error",
        modalities=MODALITIES,
        parts=tuple(Part(f"half={k}", np.arange(n) // members % 2 == k) for k in range(2)),
    )
    tables = [table for name in METHODS for table in units(rng, name, ring, n, members)]
    scope = summary.ContestScope(
        row=Row,
        ring=ring,
        controls=CONTROLS,
        margin=0.02,
        families=4,
        notes=(),
    )

    def read(columns, group):
        return (unit[group].select(columns) for unit in tables)

    rows = summary.summarise(scope, read).rows
    return {
        (r.metric, r.method, r.family, r.condition, r.modality, r.slice): r.estimate for r in rows
    }


def units(rng, name, ring, n, members):
    """What each seed of a method says, a table a condition."""
    own = {place: effects(rng, n, members) for place in ("right", "phi_a", "phi_b", "trust")}
    there = rng.random(n) > 0.1
    for seed in range(ring.seeds):

        def moved(place, seed_sd=SEEDS, own=own):
            return own[place] + rng.normal(0, seed_sd) + rng.normal(0, 0.5, n)

        clean = moved("trust")
        yield [
            one(name, scene, clean, moved, there, seed, classes=ring.score == "correct")
            for scene in ring.scenes
        ]


def one(name, scene, clean, moved, there, seed, *, classes):
    """What one seed of a method says under one condition."""
    n = clean.size
    skill = METHODS[name] - 0.1 * scene.severity - 0.2 * (scene.family == "conflict")
    latent = skill + moved("right")
    sure = expit(latent + 0.3)
    columns = {"correct": (expit(2 * latent) > 0.5).astype(float), "confidence": sure}
    if not classes:
        columns = {"error": (latent - 1) ** 2}
    columns |= {"phi_a": 0.3 + 0.2 * moved("phi_a"), "phi_b": 0.1 + 0.1 * moved("phi_b")}
    columns["phi_b"] = np.where(there, columns["phi_b"], np.nan)
    trust = clean
    if scene.severity:
        trust = clean - 0.1 * scene.severity + 0.5 * moved("trust")
    nothing = np.full(n, np.nan)
    says = expit(trust)
    columns |= {
        f"{column}_{m}": (says if m == "a" else 1 - says) if name == by else nothing
        for column, by in (("weight", WEIGHS), ("vacuity", JOINS))
        for m in MODALITIES
    }
    facts = json.dumps({"seed": seed, "parameters": 10, "passes": 20, "bound": False})
    table = {k: pa.array(v, pa.float64(), mask=np.isnan(v)) for k, v in columns.items()}
    return pa.table({**table, "facts": [facts] * n, "model": [b"model"] * n})


def effects(rng, n, members):
    """What a sample is, alike in a group."""
    return np.repeat(rng.normal(0, 1, -(-n // members)), members)[:n]
