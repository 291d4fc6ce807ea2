"""Trust in clean samples against the checks of inspect: vectors that are noisy by nobody's hand."""

import numpy as np
import pytest

import adapted
import mmaudit as mm
from adapted import Weighted
from mmaudit.audits.adaptivity.natural import natural_notes
from mmaudit.audits.adaptivity.numbers import TrustNumber
from mmaudit.measures.trust.adaptivity import rank_effect
from mmaudit.tables.provenance import provenance

HOW = {"natural": True, "replicates": 20, "quiet": True}


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    return adapted.write(tmp_path_factory.mktemp("natural"), 400, bad=3)


def numbers(run):
    rows = run["adaptivity/summary"].arrow().to_pylist()
    return {
        (r["check"], r["modality"], r["slice"]): r["estimate"]
        for r in rows
        if r["metric"] == "natural_adaptivity"
    }


@pytest.mark.parametrize("trust", adapted.SLOPES)
def test_trust_goes_with_what_was_noisy_already(noisy, trust):
    run = mm.adaptivity(noisy, Weighted(trust), **HOW)
    norm = numbers(run)["vector/norm", "a", "all"]
    assert (norm["low"] > 0, norm["high"] < 0) == (trust == "follows", trust == "wrong")
    notes = " ".join(provenance(run["adaptivity/summary"].arrow().schema.metadata).notes)
    words = {
        "follows": "trust falls where",
        "wrong": "trust rises where",
        "fixed": "cannot be told",
    }
    assert words[trust] in notes
    assert ("vector/norm", "a", "side=left") in numbers(run)


def test_nothing_is_said_where_nobody_asked(noisy):
    run = mm.adaptivity(noisy, Weighted("follows"), **HOW | {"natural": False})
    assert not numbers(run)


def test_20_checks_of_nothing_are_named_in_5_percent_of_runs():
    rng, sets, n, named = np.random.default_rng(0), 200, 120, 0
    keys = np.arange(n, dtype=np.uint64)
    for _ in range(sets):
        effects = []
        for k in range(20):
            one = rank_effect(rng.integers(0, 10, n), rng.normal(size=n), keys)
            row = TrustNumber(metric="natural_adaptivity", estimate=one.estimate(), check=str(k))
            effects.append((row, one))
        named += any("In clean samples" in note for note in natural_notes(effects))
    assert named / sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / sets)
