"""DynMM sends each row to one expert, and to a cheaper one where that is as good."""

from dataclasses import replace

import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic import dynmm
from mmaudit.remedies.dynamic.dynmm import ExpertChoice, expert_costs
from mmaudit.remedies.training import fit
from planted_fusion import cost, right


def test_costs_are_multiplications_over_those_of_the_expert_of_all():
    c = context()  # 5 and 4 features, width 8, 3 classes
    every = 8 * (5 + 4) + 16 * 8 + 8 * 3
    expected = [8 * (5 + 3) / every, 8 * (4 + 3) / every, 1]
    assert expert_costs(c).tolist() == pytest.approx(expected)


def test_an_answer_is_that_of_the_expert_whom_the_gate_names():
    method, c = ExpertChoice(), context(cost=0.1)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["gate.b"][:, 1] = 50
        h = method.encoded(p, c, batch)
        answers, fused = method.experts(p, c, h)
        own = method.fuse(p, c, h, batch.present)
        assert torch.allclose(own, answers["b"].softmax(-1), atol=1e-6)
        without = {**batch.present, "b": torch.zeros(2, 16).bool()}
        p["gate.b"][:, 2] = 20
        own = method.fuse(p, c, h, without)
        assert torch.allclose(own, fused.softmax(-1), atol=1e-6)


def test_cost_is_saved_where_the_narrow_modality_speaks(monkeypatch):
    """At 60 % of the cost at most, within a point and a half of always asking the expert of all."""
    monkeypatch.setattr(dynmm, "REMEDY", replace(dynmm.REMEDY, grid=({"cost": 0.1},) * 3))
    planted = cost(0)
    setup = TrainingSetup(width=32, steps=250, look=250, settings=((1e-2, 0.0),))
    fitted = fit("dynamic/dynmm", planted.train, 0, setup)
    p, c, rows_of_test = fitted.parameters, fitted.context, planted.test
    h = {m: torch.from_numpy(fitted.encode(m, x))[None] for m, x in rows_of_test.features.items()}
    there = {m: torch.from_numpy(x)[None] for m, x in rows_of_test.present.items()}
    with torch.no_grad():
        expert = fitted.method.gate(p, c, h, there)[0].argmax(-1)
        always = fitted.method.experts(p, c, h)[1][0].argmax(-1).numpy()
    assert float(expert_costs(c)[expert].mean()) <= 0.6
    assert right(fitted, rows_of_test) >= (always == rows_of_test.labels).mean() - 0.015
