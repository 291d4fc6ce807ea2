"""What dynamic fusion is for, and where it must not help, on rows of which that is known."""

import pytest
import torch

from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.evidence import joined
from mmaudit.remedies.training import fit
from planted_fusion import absent_signal, conflict, loud_noise, right, rights, synergy

SETUP = TrainingSetup(width=32, steps=250, settings=((1e-2, 0.0),))
CONCAT, MEAN = "control/concat", "control/late_mean"


def gains(planted, *names, over=CONCAT, seeds=range(5)):
    """Points that each remedy gains over a control, mean over seeds."""
    share = rights((over, *names), planted, SETUP, seeds)
    return [100 * (share[name] - share[over]) for name in names]


@pytest.mark.slow
def test_loud_noise_is_outvoted_by_evidence_and_not_by_energy_or_entropy():
    """Noise is louder than signal: it inflates logits, and so what energy and entropy trust."""
    names = ("dynamic/tmc", "dynamic/covariate_gate", "dynamic/qmf", "dynamic/uno")
    tmc, gate, qmf, uno = gains(loud_noise(0), *names)
    assert tmc >= 2
    assert gate >= 5
    assert max(qmf, uno) <= 1


@pytest.mark.slow
def test_a_signal_that_is_gone_from_test_rows_costs_late_fusion_less():
    """And none is shown to be above the floor, the late mean."""
    names = (MEAN, "dynamic/tmc", "dynamic/uno")
    mean, tmc, uno = gains(absent_signal(0, clean_training=True), *names)
    assert min(mean, tmc, uno) >= 2
    assert max(tmc, uno) <= mean + 1.5


@pytest.mark.slow
def test_synergy_is_for_the_view_of_all_and_for_no_sum_of_opinions():
    share = rights(("dynamic/etmc", "dynamic/tmc"), synergy(0), SETUP, range(2))
    assert share["dynamic/etmc"] >= 0.9
    assert 0.45 <= share["dynamic/tmc"] <= 0.55


def vacuity(fitted, rows):
    """Mean uncertainty of joined evidence, in (0, 1)."""
    h = {m: torch.from_numpy(fitted.encode(m, x))[None] for m, x in rows.features.items()}
    there = {m: torch.from_numpy(x)[None] for m, x in rows.present.items()}
    with torch.no_grad():
        evidence = joined(*fitted.method.views(fitted.parameters, fitted.context, h, there))
    classes = len(rows.classes)
    return float((classes / (evidence.sum(-1) + classes)).mean())


def test_evidence_does_not_see_conflict():
    """Where all rows have one modality of another class, a third are wrong and it is as sure."""
    whole, every = conflict(0, share=0.0), conflict(0, share=1.0)
    fitted = fit("dynamic/tmc", whole.train, 0, SETUP)
    assert right(fitted, whole.test) - right(fitted, every.test) > 0.25
    assert vacuity(fitted, every.test) - vacuity(fitted, whole.test) < 0.1
