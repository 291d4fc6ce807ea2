"""Stacking begins at the product, and learns from held-out rows which modality errs how."""

from dataclasses import replace

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.control.product_late import ProductLate
from mmaudit.remedies.control.stacking import Stacking, _patterns
from presences import there


def test_before_any_fit_it_is_the_product():
    """Where no log-probability is below the lowest that it looks at."""
    method, c = Stacking(), context("abc", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 6)
    h = method.encoded(p, c, batch)
    some = there("110110", "101101", "011111")
    stacked = method.fuse(p | method._start(c, 1), c, h, some)
    assert torch.allclose(stacked, ProductLate().fuse(p, c, h, some), atol=1e-6)


def test_of_numbers_it_begins_at_the_mean():
    method, c = Stacking(), context("ab", outputs=1, task="number", seeds=(0,))
    p, batch = parameters(method, c), rows(c, 6)
    h = method.encoded(p, c, batch)
    said = method.unimodal(p, c, h)
    some = there("110110", "101101")
    both = torch.tensor([[1, 0, 0, 1, 0, 0]])[..., None]
    first = torch.tensor([[0, 1, 0, 0, 1, 0]])[..., None]
    last = torch.tensor([[0, 0, 1, 0, 0, 1]])[..., None]
    expected = both * (said["a"] + said["b"]) / 2 + first * said["a"] + last * said["b"]
    assert torch.allclose(method.fuse(p | method._start(c, 1), c, h, some), expected, atol=1e-6)


def test_patterns_are_whole_alone_and_without_each():
    there_now = torch.tensor([[[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]])
    patterns = [p[0].tolist() for p in _patterns(there_now)]
    assert [p[0] for p in patterns] == [
        [1, 1, 1],
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 0],
    ]
    assert all(p[1] == [1, 0, 0] for p in patterns)  # a row that would be empty stays as it is


def test_it_undoes_two_classes_that_one_modality_takes_for_one_another():
    """Modality a is always wrong and always sure, so its answers turned round are right."""
    c = context(outputs=2, seeds=(0,))
    n = 400
    labels = (torch.arange(n) % 2)[None]
    wrong = torch.nn.functional.one_hot(1 - labels, 2).float() * 0.8 + 0.1
    even = torch.full((1, n, 2), 0.5)

    class Known(Stacking):
        """The same over answers by hand."""

        def encoded(self, p, c, batch):
            return {"a": wrong.log(), "b": even.log()}

        def unimodal(self, p, c, h):
            return h

    p = Known().after({}, c, replace(rows(c, n), labels=labels))
    out = Known().fuse(p, c, {"a": wrong.log(), "b": even.log()}, there("1" * n, "1" * n))
    assert (out.argmax(-1) == labels).all()
