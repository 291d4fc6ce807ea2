"""Multimodal Dynamics: open gates are concatenation, and useful features pass."""

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from lane_batches import context, parameters, rows
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.dynamic.multimodal_dynamics import FeatureGate
from mmaudit.remedies.method import Method
from mmaudit.remedies.training import fit
from planted_fusion import sparse


def test_with_open_gates_and_confidence_one_it_is_concatenation():
    method, c = FeatureGate(), context(sparse=0.1)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        for m in "ab":
            p[f"gate.{m}.w"].zero_()
            p[f"gate.{m}.b"].fill_(50)
            p[f"confidence.{m}.w"].zero_()
            p[f"confidence.{m}.b"].fill_(1)
        own = method.fuse(p, c, method.encoded(p, c, batch), batch.present)
        plain = Method.fuse(Method(), p, c, Method().encoded(p, c, batch), batch.present)
    assert torch.allclose(own, plain, atol=1e-6)


def test_a_confidence_does_not_move_the_truth_that_it_learns():
    """The heads of single modalities learn as in late fusion, whatever confidences say."""
    method, c = FeatureGate(), context(sparse=0.0)
    p, batch = parameters(method, c), rows(c)
    own = method.gradients(p, c, batch)["unimodal.a.w"]
    with torch.no_grad():
        p["confidence.a.b"].fill_(7)
    assert torch.allclose(method.gradients(p, c, batch)["unimodal.a.w"], own, atol=1e-7)


def test_features_that_say_the_class_pass():
    """5 of 50 do; the mean of each feature's gate ranks them."""
    planted = sparse(0)
    setup = TrainingSetup(width=32, steps=200, settings=((1e-2, 0.0),))
    fitted = fit("dynamic/multimodal_dynamics", planted.train, 0, setup)
    for m, x in planted.test.features.items():
        z = fitted.scales[m](x, planted.test.present[m])
        with torch.no_grad():
            gate = fitted.method.gate(fitted.parameters, m, torch.from_numpy(z)[None])
        assert roc_auc_score(np.arange(50) < 5, gate[0].mean(0)) >= 0.8
