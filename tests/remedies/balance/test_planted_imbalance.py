"""Methods of balance where something is to be gained, and where nothing is.

One rate and a small width, so that all of it takes seconds; what is asserted is a half or less of
what was measured.
"""

from dataclasses import replace

import numpy as np
import pytest

from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.training import fit_seeds
from planted_fusion import Planted, fast_and_slow, fast_memorises, redundancy, right, rights

SETUP = TrainingSetup(width=32, steps=250, settings=((1e-2, 0.0),))
SEEDS = range(3)


def only(rows, *modalities):
    """The same rows, of which other modalities are not there at all."""
    return replace(
        rows,
        features={m: rows.features[m] for m in modalities},
        present={m: rows.present[m] for m in modalities},
    )


def without(rows, modality):
    """The same rows, in which a modality is absent."""
    return replace(rows, present={**rows.present, modality: np.zeros(len(rows), np.bool_)})


@pytest.fixture(scope="module")
def memorised():
    return fast_memorises(1)


@pytest.mark.slow
def test_what_is_fast_holds_up_what_is_slow(memorised):
    """Without it the test of a gain is empty: trained jointly, ``b`` is worse than trained alone."""
    alone = rights(
        ["control/concat"],
        Planted(*(only(p, "b") for p in (memorised.train, memorised.test))),
        SETUP,
        SEEDS,
    )
    jointly = rights(
        ["control/concat"], Planted(memorised.train, without(memorised.test, "a")), SETUP, SEEDS
    )
    assert jointly["control/concat"] < alone["control/concat"] - 0.01


@pytest.mark.slow
def test_dropout_wins_where_the_fast_modality_memorises(memorised):
    share = rights(["control/concat", "balance/modality_dropout"], memorised, SETUP, SEEDS)
    assert share["balance/modality_dropout"] > share["control/concat"] + 0.05


@pytest.mark.slow
def test_own_losses_and_alignment_win_where_the_fast_modality_memorises(memorised):
    """Measured .059 and .133, and .061 and .132 on another set."""
    names = ["control/concat", "balance/unimodal_losses", "balance/lfm"]
    share = rights(names, memorised, SETUP, SEEDS)
    assert share["balance/unimodal_losses"] > share["control/concat"] + 0.025
    assert share["balance/lfm"] > share["control/concat"] + 0.06


def test_none_wins_where_nothing_is_to_be_gained():
    names = ["control/concat", "balance/unimodal_losses", "balance/modality_dropout"]
    share = rights(names, fast_and_slow(0), SETUP, range(2))
    for name in names[1:]:
        assert abs(share[name] - share["control/concat"]) < 0.015, share


def test_dropout_is_enough_where_one_of_two_alike_is_absent():
    planted = redundancy(0)
    clean, absent = [], []
    for name in ("control/concat", "balance/modality_dropout"):
        fitted = fit_seeds(name, planted.train, range(2), SETUP)
        clean.append(np.mean([right(f, planted.test) for f in fitted]))
        absent.append(np.mean([right(f, without(planted.test, "a")) for f in fitted]))
    assert absent[1] > absent[0] + 0.01, (clean, absent)
