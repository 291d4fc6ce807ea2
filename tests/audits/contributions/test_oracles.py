"""The whole path from a torch model to φ, against shap's exact explainer and against all orders."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from test_contributions import dataset, summary

import mmaudit as mm
from planted import Votes, samples, table_of

WIDE = 4  # numbers of each modality


def torch_model(names, seed):
    """A random network with one hidden layer; what is absent is zeros."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = torch.nn.Sequential(
            torch.nn.Linear(WIDE * len(names), 16), torch.nn.ReLU(), torch.nn.Linear(16, 3)
        ).eval()

    class Net:
        modalities, classes, output, accepts_missing = tuple(names), ("x", "y", "z"), "logits", True

        def scores(self, batch, present):
            parts = [np.asarray(batch[m]) * present[m][:, None] for m in names]
            with torch.no_grad():
                return net(torch.from_numpy(np.concatenate(parts, axis=1))).numpy()

    def p_true(row, label):
        def worth(masks):
            x = row * np.repeat(np.asarray(masks) > 0, WIDE, axis=1)
            with torch.no_grad():
                answer = net(torch.from_numpy(x.astype(np.float32)))
            return torch.softmax(answer.double(), 1).numpy()[:, label]

        return worth

    return Net(), p_true


def by_orders(worth, count):
    """The mean gain of each player over all orders of arrival."""
    masks = (np.arange(1 << count)[:, None] >> np.arange(count) & 1).astype(float)
    worths = worth(masks)
    out = np.zeros(count)
    for order in permutations(range(count)):
        there = 0
        for k in order:
            out[k] += worths[there | 1 << k] - worths[there]
            there |= 1 << k
    return out / factorial(count)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_equals_shap_exact_and_all_orders_on_torch_models(count):
    """The zero baseline, the probability of the true class: equal to 1e-6."""
    import shap

    names = "abcdef"[:count]
    model, p_true = torch_model(names, count)
    rng = np.random.default_rng(count)
    labels = rng.integers(0, 3, 4)
    values = {m: rng.normal(size=(4, WIDE)).astype(np.float32) for m in names}
    table = table_of(model, samples(values, labels), ("p_true",))
    wide = np.concatenate([values[m] for m in names], axis=1)
    for i, label in enumerate(labels):
        worth = p_true(wide[i], label)
        ours = [table[f"phi_{m}"][i].as_py() for m in names]
        exact = shap.explainers.Exact(worth, np.zeros((1, count)))(np.ones((1, count)))
        assert ours == pytest.approx(exact.values[0], abs=1e-6)
        assert ours == pytest.approx(by_orders(worth, count), abs=1e-6)
    assert np.abs(table["residual"].to_numpy()).max() < 1e-6


@pytest.mark.parametrize("policy", ["model", "marginal:8", "zeros"])
def test_a_modality_that_the_model_ignores_gets_exactly_nothing(tmp_path, policy):
    """Whatever stands in for it, and with donors' error bars that are 0 as well."""
    model = Votes("ab", lambda votes: 2 * votes[:, 0])
    run = mm.contributions(
        dataset(tmp_path, 120), model, quiet=True, replicates=20, absent=(policy,)
    )
    found = run["contributions/samples"].to_pandas()
    assert (found.phi_b == 0).all()
    assert (found.interaction_a_b == 0).all()
    assert found.phi_a.abs().max() > 0.1
    if policy.startswith("marginal"):
        assert (found.error_b == 0).all()
    raised = run["contributions/flags"].to_pandas().query("raised")
    assert set(raised.flag + ":" + raised.modality) == {"dead:b", "collapse:a", "not_better:"}
    assert summary(run)["p_true", policy, "b", "all", "phi"]["high"] == 0
