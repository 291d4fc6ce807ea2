"""Attention over time by hand: what a step reads, lags, absence; and a planted lag."""

from dataclasses import replace

import pytest
import torch

from lane_batches import STEPS, context, parameters, rows
from mmaudit.errors import InputError, UsageError
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.generic import mta_analogue
from mmaudit.remedies.generic.mta_analogue import TemporalAttention, lags, most
from mmaudit.remedies.saved import from_bytes, to_bytes
from mmaudit.remedies.training import fit
from mmaudit.testing.remedies import toy
from planted_fusion import late, rights
from presences import there

EVERY = there("1111", "1111", "1111")


def ready(modalities="abc"):
    method, c = TemporalAttention(), context(modalities, seeds=(0,))
    return method, c, parameters(method, c), rows(c, 4)


def test_lags_of_modalities_in_step_are_differences_of_places():
    c = replace(context("ab"), steps={"a": 4, "b": 4})
    assert lags(c, "a", "b").tolist() == [[s - t for s in range(4)] for t in range(4)]


def test_lags_of_other_numbers_of_steps_are_between_middles():
    """Middles of two halves are at 1 and 3 of four quarters, one without steps at 2."""
    c = replace(context("abc"), steps={"a": 4, "b": 2, "c": 1})
    middles = {"a": [0.5, 1.5, 2.5, 3.5], "b": [1.0, 3.0], "c": [2.0]}
    for m in "abc":
        for n in "abc":
            apart = torch.tensor([[t - s for t in middles[n]] for s in middles[m]])
            assert (lags(c, m, n) - apart).abs().max() <= 0.5
            assert lags(c, m, n).abs().max() <= most(c)


def test_a_step_is_encoded_from_its_own_features():
    method, c, p, batch = ready()
    x = batch.values["a"].clone()
    before = method.encode(p, c, "a", x).unflatten(-1, (STEPS["a"], -1))
    x[..., 2] += 1.0  # one feature a step
    changed = (method.encode(p, c, "a", x).unflatten(-1, (STEPS["a"], -1)) != before).any(-1)
    assert changed.any(0).any(0).tolist() == [False, False, True, False, False]


def test_by_lags_alone_a_step_reads_what_is_as_much_later():
    """With equal scores of what steps say it is a shift; of all lags alike, the mean."""
    method, c, _, _ = ready("ab")
    c = replace(c, steps={"a": 5, "b": 5})
    tokens = torch.randn(1, 4, 5, 3)
    nothing, sees = torch.zeros(1, 4, 5, 3), torch.ones(1, 4, 1, 1, dtype=torch.bool)
    lag = torch.zeros(1, 2 * most(c) + 1)

    def read():
        bias = method.bias({"lag.a.b.zero": lag}, c, "a", "b")
        return mta_analogue.attention(nothing, nothing, tokens, sees, bias)

    assert torch.allclose(read(), tokens.mean(2, keepdim=True).expand_as(tokens), atol=1e-6)
    lag[0, most(c) + 2] = 100.0
    assert torch.allclose(read()[:, :, :3], tokens[:, :, 2:], atol=1e-6)


def test_what_is_absent_has_no_gradient():
    """Neither in what it would answer nor in what others read of it."""
    method, c, p, batch = ready()
    h = {m: x.detach().requires_grad_() for m, x in method.encoded(p, c, batch).items()}
    out = method.logits(p, c, h, there("1010", "1111", "0110"))
    slopes = torch.autograd.grad(out.square().sum(), [h["a"], h["c"]])
    a, last = (slope.abs().sum((0, 2)) > 0 for slope in slopes)
    assert a.tolist() == [True, False, True, False]
    assert last.tolist() == [False, True, True, False]


def test_a_modality_alone_answers_as_if_there_was_no_other():
    method, c, p, batch = ready("ab")
    alone = method.logits(p, c, method.encoded(p, c, batch), there("1111", "0000"))
    other = replace(batch, values={**batch.values, "b": 5 + batch.values["b"]})
    again = method.logits(p, c, method.encoded(p, c, other), there("1111", "0000"))
    assert torch.equal(alone, again)


def test_every_pair_of_modalities_has_a_say():
    method, c, p, batch = ready()
    out = method.logits(p, c, method.encoded(p, c, batch), EVERY)
    lag = {name: value for name, value in p.items() if name.startswith("lag.")}
    slopes = torch.autograd.grad(out.square().sum(), list(lag.values()))
    has = {name for name, slope in zip(lag, slopes, strict=True) if slope.abs().sum() > 0}
    assert has == {f"lag.{m}.{n}.zero" for m in "abc" for n in "ab"}  # c has one step to read


def test_features_without_steps_are_refused():
    flat = replace(toy("class", 100, 0), sources={})
    with pytest.raises(UsageError, match="no modality has features of several steps"):
        fit("generic/mta_analogue", flat, 0)


def test_a_file_whose_steps_do_not_divide_its_features_is_refused():
    brief = TrainingSetup(width=4, steps=2, look=1, settings=((1e-2, 0.0),))
    content = to_bytes(fit("generic/mta_analogue", toy("class", 600, 0), 0, brief))
    assert from_bytes(content, "a file").context.steps == {"a": 2, "b": 3, "c": 1}
    wrong = content.replace(rb"\"steps\": 3", rb"\"steps\": 4")
    assert wrong != content
    with pytest.raises(InputError, match="9 features of 'b' are not of 4 steps"):
        from_bytes(wrong, "a file")


class StepByStep(TemporalAttention):
    """The same, where a step reads what is at its own time alone."""

    def bias(self, p, c, reads, read):
        return super().bias(p, c, reads, read).masked_fill(lags(c, reads, read) != 0, -1e9)


@pytest.mark.slow
def test_it_sees_across_a_lag_and_gains_nothing_without_one(monkeypatch):
    """P9: the class is whether a pulse of one and, so much later, one of the other agree."""
    setup = TrainingSetup(settings=((1e-2, 0.0),))
    name = "generic/mta_analogue"
    right = {lag: rights([name, "control/concat_mlp"], late(0, lag), setup, [0]) for lag in (0, 2)}
    monkeypatch.setattr(mta_analogue, "METHOD", StepByStep)
    stepwise = {lag: rights([name], late(0, lag), setup, [0])[name] for lag in (0, 2)}
    assert right[2][name] > stepwise[2] + 0.2
    assert right[2][name] > right[2]["control/concat_mlp"] + 0.1
    assert abs(right[0][name] - stepwise[0]) < 0.05
