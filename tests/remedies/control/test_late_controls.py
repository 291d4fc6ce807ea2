"""Best modality, weighted mean and product of late fusion: what they make of answers by hand."""

import pytest
import torch

from lane_batches import context
from mmaudit.remedies.control.best_unimodal import BestUnimodal
from mmaudit.remedies.control.late_mean import LateMean
from mmaudit.remedies.control.product_late import ProductLate
from mmaudit.remedies.control.weighted_late import WeightedLate
from presences import there

A = torch.tensor([[[0.8, 0.2], [0.6, 0.4], [0.3, 0.7]]])  # right, right, wrong for labels 0
B = torch.tensor([[[0.9, 0.1], [0.1, 0.9], [0.4, 0.6]]])  # right, wrong, wrong


def of(method, p, c, a=A, b=B, present=None):
    """An answer from the logits of two modalities; their heads hand encodings on."""
    eye = {f"unimodal.{m}.w": torch.eye(a.shape[-1])[None] for m in "ab"}
    zero = {f"unimodal.{m}.b": torch.zeros(1, a.shape[-1]) for m in "ab"}
    everywhere = there("1" * a.shape[1], "1" * a.shape[1])
    h = {"a": a.log(), "b": b.log()} if c.task == "class" else {"a": a, "b": b}
    return method.fuse(p | eye | zero, c, h, present or everywhere)


class Handed:
    """What methods fit on: rows whose encodings are answers by hand."""

    def __init__(self, labels, present):
        self.labels, self.present = labels, present


def fitted(method_class, c, a, b, labels, present=None):
    """What a method fits after its base, whose modalities answer so."""

    class Known(method_class):
        """The same over answers by hand."""

        def encoded(self, p, c, batch):
            return {"a": a.log(), "b": b.log()} if c.task == "class" else {"a": a, "b": b}

        def unimodal(self, p, c, h):
            return h

    everywhere = there("1" * a.shape[1], "1" * a.shape[1])
    return Known().after({}, c, Handed(labels, present or everywhere))


def test_the_modality_with_fewer_errors_answers_and_the_other_where_it_is_absent():
    c = context(outputs=2, seeds=(0,))
    p = fitted(BestUnimodal, c, A, B, torch.zeros(1, 3, dtype=torch.int64))
    errors = p["wrong"][0]
    assert errors[0] == pytest.approx(1 / 3, abs=1e-3)
    assert errors[1] == pytest.approx(2 / 3, abs=1e-3)
    assert torch.allclose(of(BestUnimodal(), p, c), A)
    some = of(BestUnimodal(), p, c, present=there("010", "110"))
    assert torch.allclose(some, torch.stack([B[0, 0], A[0, 1], A[0, 2]])[None])


def test_a_modality_that_no_held_out_row_has_is_the_last_to_answer():
    c = context(outputs=2, seeds=(0,))
    labels = torch.zeros(1, 3, dtype=torch.int64)
    p = fitted(BestUnimodal, c, A, B, labels, there("000", "111"))
    assert torch.allclose(of(BestUnimodal(), p, c), B)


def test_of_numbers_the_one_with_the_smaller_squares_answers():
    c = context(outputs=1, task="number", seeds=(0,))
    a, b = torch.tensor([[[1.0], [2.0]]]), torch.tensor([[[1.5], [0.0]]])
    p = fitted(BestUnimodal, c, a, b, torch.tensor([[1.0, 1.0]]))
    assert p["wrong"].tolist() == [[0.5, 0.625]]
    assert torch.equal(of(BestUnimodal(), p, c, a, b), a)


def test_the_product_is_the_product():
    c = context(outputs=2, seeds=(0,))
    product = A * B
    expected = product / product.sum(-1, keepdim=True)
    assert torch.allclose(of(ProductLate(), {}, c), expected, atol=1e-6)
    alone = of(ProductLate(), {}, c, present=there("111", "000"))
    assert torch.allclose(alone, A, atol=1e-6)


def test_equal_weights_are_the_late_mean():
    c = context(outputs=2, seeds=(0,))
    p = {"weights": torch.zeros(1, 2), "sharpness": torch.zeros(1)}
    some = there("101", "011")
    assert torch.allclose(of(WeightedLate(), p, c), of(LateMean(), {}, c))
    assert torch.allclose(
        of(WeightedLate(), p, c, present=some), of(LateMean(), {}, c, present=some)
    )


def test_weights_and_sharpness_are_the_most_likely_with_one_row_more_a_modality():
    """No pair of a fine grid is likelier."""
    c = context(outputs=2, seeds=(0,))
    labels = torch.zeros(1, 8, dtype=torch.int64)
    of_a = torch.tensor([0.9, 0.9, 0.9, 0.9, 0.9, 0.4, 0.2, 0.2])
    of_b = torch.tensor([0.6, 0.6, 0.6, 0.6, 0.3, 0.3, 0.4, 0.7])
    a, b = (torch.stack([x, 1 - x], -1)[None] for x in (of_a, of_b))
    p = fitted(WeightedLate, c, a, b, labels)

    def likely(w, s):
        mean = w * of_a + (1 - w) * of_b
        own = (mean**s / (mean**s + (1 - mean) ** s)).log().mean(-1)
        return own + (w * (1 - w)).log()[..., 0] / 8

    grid = likely(
        torch.linspace(0.01, 0.99, 99).view(-1, 1, 1), torch.linspace(0.2, 9, 177)[:, None]
    )
    mine = likely(p["weights"].softmax(-1)[:, :1, None], p["sharpness"].exp().view(1, 1, 1))
    assert 0 <= float(mine) - float(grid.max()) + 1e-3 <= 2e-3


def test_a_modality_that_guesses_is_weighted_down():
    """One is right in four rows of five, one in every other; both are as sure."""
    c = context(outputs=2, seeds=(0,))
    at = torch.arange(300)
    of_a, of_b = torch.where(at % 5 > 0, 0.8, 0.2), torch.where(at % 2 > 0, 0.8, 0.2)
    a, b = (torch.stack([x, 1 - x], -1)[None] for x in (of_a, of_b))
    p = fitted(WeightedLate, c, a, b, torch.zeros(1, 300, dtype=torch.int64))
    assert p["weights"].softmax(-1)[0, 0] > 0.9
