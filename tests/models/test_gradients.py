"""Gradients of models: those filled in for torch modules, and the model's own."""

import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from loading import load
from mmaudit.demo import model as demo
from mmaudit.models.calls.gradients import gradient_of, slopes
from mmaudit.testing import check_adapter
from mmaudit.testing.questions import ContractError
from places import DOCS

N, D, K = 6, 4, 3
SOURCE = """
import torch
class Linear(torch.nn.Module):
    modalities, classes, output, accepts_missing = ("x", "y"), ("a", "b", "c"), "logits", True
    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.w = torch.nn.ParameterDict(
            {m: torch.randn(4, 3, generator=generator) for m in self.modalities})
    def forward(self, batch, present):
        return sum((batch[m] * present[m][:, None]) @ self.w[m] for m in self.modalities)
def factory():
    return Linear().eval()
"""


def batch():
    rng = np.random.default_rng(0)
    values = {m: rng.normal(size=(N, D)).astype(np.float32) for m in ("x", "y")}
    return values, {m: np.ones(N, bool) for m in values}, rng.integers(0, K, N)


@pytest.fixture
def linear(tmp_path):
    (tmp_path / "linear.py").write_text(SOURCE)
    return load(f"python:{tmp_path / 'linear.py'}:factory").model


def test_a_torch_module_with_forward_is_a_model_with_scores_and_gradients(linear):
    values, present, labels = batch()
    logits = linear.scores(values, present)
    weights = {m: w.detach().numpy() for m, w in linear.model.w.items()}
    np.testing.assert_allclose(logits, sum(values[m] @ weights[m] for m in values), atol=1e-5)
    gradient = gradient_of(linear)(values, present, labels)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    rise = p - np.eye(K)[labels]  # d cross-entropy / d logits
    for m, got in gradient.items():
        exact = rise @ weights[m].T
        cosine = (got * exact).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(exact, axis=1)
        np.testing.assert_allclose(cosine, 1, atol=1e-6)


def test_what_is_absent_has_no_gradient_and_the_values_stay(linear):
    values, present, labels = batch()
    before = {m: v.copy() for m, v in values.items()}
    present["y"][:2] = False
    gradient = gradient_of(linear)(values, present, labels)
    assert not gradient["y"][:2].any()
    assert gradient["y"][2:].any(axis=1).all()
    assert all((values[m] == before[m]).all() for m in values)
    assert all(p.grad is None for p in linear.model.parameters())


def test_gradients_are_on_inside_a_time_without_them(linear):
    values, present, labels = batch()
    outside = gradient_of(linear)(values, present, labels)
    with torch.inference_mode():
        inside = gradient_of(linear)(values, present, labels)
    assert all((inside[m] == outside[m]).all() for m in values)


def test_a_confident_model_of_logits_has_gradients(linear):
    """In float32 its loss is 0, and so would its derivative be."""
    values, present, _ = batch()
    values = {m: 1000 * v for m, v in values.items()}
    labels = linear.scores(values, present).argmax(1)
    assert all(g.any(axis=1).all() for g in gradient_of(linear)(values, present, labels).values())


WRONG = """
from linear import Linear
class Wrong(Linear):
    def scores(self, batch, present):
        return super().forward({m: self.w[m].new_tensor(v) for m, v in batch.items()},
                               {m: self.w[m].new_tensor(p) for m, p in present.items()}).numpy()
    def gradient(self, batch, present, labels):
        return {m: RETURN for m, v in batch.items()}
def factory():
    return Wrong().eval()
"""


def test_the_contract_of_adapters_asks_about_gradients(tmp_path, linear):
    values, present, _ = batch()
    present["x"][2] = False
    check_adapter(f"python:{tmp_path / 'linear.py'}:factory", values, present)
    wrong = {
        "v[:1]": "has shape",
        "v * float('nan')": "not finite",
        "0 * v + 1": "where it is absent",
    }
    for number, (returned, what) in enumerate(wrong.items()):
        path = tmp_path / f"wrong{number}.py"
        path.write_text(WRONG.replace("RETURN", returned))
        with pytest.raises(ContractError, match=what):
            check_adapter(f"python:{path}:factory", values, present)


def test_half_precision_has_gradients_too(linear):
    values, present, labels = batch()
    exact = gradient_of(linear)(values, present, labels)
    linear.model.forward = lambda b, p: type(linear.model).forward(linear.model, b, p).bfloat16()
    assert linear.scores(values, present).dtype == np.float32
    for m, slope in gradient_of(linear)(values, present, labels).items():
        np.testing.assert_allclose(slope, exact[m], atol=0.05 * np.abs(exact[m]).max())


def test_options_that_change_inputs_or_answers_take_gradients_away(tmp_path):
    (tmp_path / "linear.py").write_text(SOURCE)
    spec = f"python:{tmp_path / 'linear.py'}:factory"
    assert gradient_of(load(f"{spec},classes=u,v,w").model) is not None
    assert gradient_of(load(f"{spec},output=probabilities").model) is None
    assert gradient_of(load(f"{spec},scale=1/255").model) is None


@pytest.mark.parametrize(
    ("output", "answers", "labels", "loss"),
    [
        ("logits", (5, 3), "class", torch.nn.functional.cross_entropy),
        ("probabilities", (5, 3), "class", lambda p, y: torch.nn.functional.nll_loss(p.log(), y)),
        ("values", (5, 1), "number", lambda z, y: ((z[:, 0] - y) ** 2).mean()),
        ("values", (5,), "number", lambda z, y: ((z - y) ** 2).mean()),
        (
            "label_logits",
            (5, 3),
            "labels",
            torch.nn.functional.binary_cross_entropy_with_logits,
        ),
        (
            "label_probabilities",
            (5, 3),
            "labels",
            torch.nn.functional.binary_cross_entropy,
        ),
    ],
)
def test_slopes_are_a_positive_multiple_of_the_derivative(output, answers, labels, loss):
    rng = np.random.default_rng(1)
    z = rng.normal(size=answers)
    if output == "probabilities":
        z = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    elif output == "label_probabilities":
        z = 1 / (1 + np.exp(-z))
    kinds = {"class": (0, 3, 5), "number": None, "labels": (0, 2, (5, 3))}
    y = rng.normal(size=5) if labels == "number" else rng.integers(*kinds[labels])
    tensor = torch.tensor(z, requires_grad=True)
    truth = torch.tensor(y if labels == "class" else y.astype(float))
    loss(tensor, truth).backward()
    got, exact = slopes(output, z, y), tensor.grad.numpy()
    for ours, theirs in zip(got.reshape(5, -1), exact.reshape(5, -1), strict=True):
        np.testing.assert_allclose(ours / np.abs(ours).max(), theirs / np.abs(theirs).max())


def test_labels_that_are_not_judged_have_no_slope():
    z, truth = np.array([[0.3, -0.2]]), np.array([[1.0, np.nan]])
    assert slopes("label_logits", z, truth)[0, 1] == 0


def test_the_example_of_the_docs_answers_as_the_model_that_it_wraps(tmp_path):
    """Its features are torch's and not NumPy's; the weights here are random ones."""
    text = (DOCS / "models.md").read_text("utf-8")
    (code,) = (block for block in text.split("```") if "class Attackable" in block)
    here = code.removeprefix("python\n").replace("from model ", "from keypad_of_the_docs ")
    (tmp_path / "attackable.py").write_text(here)
    shutil.copy(demo.__file__, tmp_path / "keypad_of_the_docs.py")
    save_file(demo.Network().state_dict(), tmp_path / demo.WEIGHTS)
    own, wrapped = (
        load(f"python:{tmp_path / name}.py:factory").model
        for name in ("keypad_of_the_docs", "attackable")
    )
    rng = np.random.default_rng(0)
    values = {
        "image": rng.integers(0, 256, (N, 20, 24, 3)).astype(np.uint8),
        "audio": rng.normal(0, 0.1, (N, 1600, 1)).astype(np.float32),
        "text": ["one", "two two", "", "four", "fünf", "6"],
    }
    present = {m: np.arange(N) % 3 != i for i, m in enumerate(values)}
    np.testing.assert_allclose(
        wrapped.scores(values, present), own.scores(values, present), atol=1e-4
    )
    gradient = gradient_of(wrapped)(values, present, rng.integers(0, 10, N))
    assert gradient.keys() == {"image", "audio"}
    for m, slope in gradient.items():
        assert np.isfinite(slope).all()
        assert (slope.reshape(N, -1).any(axis=1) == present[m]).all()
