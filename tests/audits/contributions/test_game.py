"""Planted models: what each modality brings is known, and so is what must be flagged."""

from collections import Counter

import numpy as np
import pytest

from mmaudit.audits.contributions.game import _solved, passes
from mmaudit.measures.games.shapley import shapley
from planted import OneStage, Votes, flags_of, samples, table_of, total


def column(table, name, rows=None):
    found = table[name].to_numpy(zero_copy_only=False)
    return found if rows is None else found[rows]


def labelled(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return rng, labels, 2.0 * labels - 1


def ignores_b(n, seed):
    rng, labels, sign = labelled(n, seed)
    given = samples({"a": 2 * sign + rng.normal(size=n), "b": rng.normal(size=n)}, labels)
    return Votes("ab", lambda v: 2 * v[:, 0]), given


def redundant(n, seed):
    rng, labels, sign = labelled(n, seed)
    wrong = rng.random(n) < 0.05  # the same samples are hard for both
    vote = np.where(wrong, -sign, sign)
    return Votes("ab", total), samples({"a": 2 * vote, "b": 2 * vote}, labels)


def needs_both(n, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, (2, n)) * 2.0 - 1
    wrong = rng.random(n) < 0.05
    labels = ((a * b > 0) ^ wrong).astype(int)
    return Votes("ab", lambda v: 3 * v[:, 0] * v[:, 1] - 0.2), samples({"a": a, "b": b}, labels)


def harmed_by_b(n, seed):
    rng, labels, sign = labelled(n, seed)
    given = samples(
        {"a": 2 * sign + rng.normal(size=n), "b": -0.8 * sign + rng.normal(size=n)}, labels
    )
    return Votes("ab", total), given


def complementary(n, seed):
    """Each modality knows its own half of the samples, and says nothing of the other half."""
    rng, labels, sign = labelled(n, seed)
    mine = rng.random(n) < 0.5
    wrong = np.where(rng.random(n) < 0.05, -1, 1)
    given = samples({"a": 3 * sign * mine * wrong, "b": 3 * sign * ~mine * wrong}, labels)
    return Votes("ab", total), given


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (ignores_b, {"dead:b", "collapse:a", "not_better"}),
        (redundant, {"redundant:a,b", "not_better"}),
        (harmed_by_b, {"harmful:b", "not_better"}),
        (needs_both, {"synergy"}),
        (complementary, set()),
    ],
)
def test_what_is_planted_is_flagged_and_nothing_else(plant, expected):
    """200 seeds of 300 samples: what is planted is always seen; anything else is a false alarm, at
    most 5 % a flag, within 5 standard errors (1.54 points each)."""
    raised = Counter()
    for seed in range(200):
        model, given = plant(300, seed)
        raised.update(flags_of(table_of(model, given), "ab", seed=seed))
    assert all(raised[flag] >= 190 for flag in expected), raised
    others = {flag: count for flag, count in raised.items() if flag not in expected}
    assert all(count / 200 <= 0.05 + 5 * 0.0154 for count in others.values()), others


def test_a_modality_without_effect_is_called_harmful_no_more_often_than_stated():
    """b moves the answer up and down at random by a probability that has mean 0."""
    harmful = unhelpful = 0
    for seed in range(200):
        rng, labels, sign = labelled(300, seed)
        given = samples({"a": sign, "b": rng.choice([-1.0, 1.0], 300)}, labels)

        def odds(votes):  # p_true is .6 or .8 with a, and b adds or takes .1
            p = 0.5 + 0.2 * votes[:, 0] + 0.1 * votes[:, 1]
            return np.log(p / (1 - p))

        flags = flags_of(table_of(Votes("ab", odds), given), "ab", seed=seed)
        harmful += "harmful:b" in flags
        unhelpful += "unhelpful:b" in flags
    assert harmful / 200 <= 0.05 + 5 * 0.0154
    assert unhelpful / 200 >= 0.95 - 5 * 0.0154


def test_ignored_is_exactly_zero():
    table = table_of(*ignores_b(100, 0))
    assert (column(table, "phi_b") == 0).all()
    assert (column(table, "interaction_a_b") == 0).all()


def test_every_row_adds_up():
    for plant in (ignores_b, redundant, harmed_by_b, needs_both):
        table = table_of(
            *plant(100, 1),
            worths=(
                "p_true",
                "margin",
                "neg_loss",
                "correct",
                "correct_size",
                "p_predicted",
                "entropy_drop",
            ),
        )
        assert np.abs(column(table, "residual")).max() < 1e-12
        told = column(table, "phi_a") + column(table, "phi_b")
        assert told == pytest.approx(column(table, "v_all") - column(table, "v_none"), abs=1e-12)


def test_counts_of_the_paper():
    """Worth |C| if right: φ sums to the number of modalities where all are right, else to 0."""
    table = table_of(*complementary(200, 0), worths=("correct_size",))
    whole = column(table, "phi_a") + column(table, "phi_b")
    assert set(np.round(whole, 12)) <= {0.0, 2.0}
    assert ((whole == 2) == column(table, "right")).all()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_asked_exactly_as_often_as_said(count):
    """2**M fusions and M encodings for each batch, and no more."""
    names = "abcd"[:count]
    rng, labels, _ = labelled(40, 0)
    model = Votes(names, total)
    table_of(model, samples({m: rng.normal(size=40) for m in names}, labels))
    assert Counter(model.calls) == Counter({"fuse": passes(count, 0), **dict.fromkeys(names, 1)})
    single = OneStage(Votes(names, total))
    table_of(single, samples({m: rng.normal(size=40) for m in names}, labels))
    assert single.calls == 2**count


def test_two_stages_and_one_give_the_same():
    rng, labels, _ = labelled(50, 0)
    given = samples({m: rng.normal(size=50) for m in "abc"}, labels)
    assert table_of(Votes("abc", total), given) == table_of(OneStage(Votes("abc", total)), given)


def test_batch_size_does_not_change_a_bit():
    model, given = harmed_by_b(70, 0)
    assert table_of(model, given, batch_size=7) == table_of(model, given, batch_size=64)


def test_an_absent_modality_is_not_a_player():
    rng, labels, _ = labelled(60, 0)
    values = {m: rng.normal(size=60) for m in "abc"}
    there = {"b": rng.random(60) < 0.5}
    table = table_of(Votes("abc", total), samples(values, labels, there))
    small = table_of(Votes("ac", total), samples({m: values[m] for m in "ac"}, labels))
    rows = np.flatnonzero(~there["b"])
    assert np.isnan(column(table, "phi_b", rows)).all()
    assert np.isnan(column(table, "interaction_a_b", rows)).all()
    for name in ("phi_a", "phi_c", "interaction_a_c", "v_none", "v_all"):
        assert column(table, name, rows) == pytest.approx(column(small, name, rows), abs=1e-12)
    assert not np.isnan(column(table, "phi_b", np.flatnonzero(there["b"]))).any()


def test_sampled_coalitions_agree_with_all_within_their_error():
    """300 samples of a game of 6, one of which half lack: φ is off as far as its error says."""
    rng, labels, sign = labelled(300, 0)
    values = {m: sign * rng.uniform(0, 1) + rng.normal(size=300) for m in "abcdef"}
    there = {"f": rng.random(300) < 0.5}
    model = Votes("abcdef", lambda v: v.sum(axis=1) + v[:, 0] * v[:, 1] * v[:, 2])
    given = samples(values, labels, there)
    exact, drawn = (table_of(model, given, ("p_true",), k) for k in (0, 8))
    for m in "abcdef":
        rows = np.flatnonzero(there.get(m, np.ones(300, bool)))
        off = column(drawn, f"phi_{m}", rows) - column(exact, f"phi_{m}", rows)
        error = column(drawn, f"error_{m}", rows)
        known = ~np.isnan(error)
        assert known.mean() > 0.9
        assert abs(off.mean()) < 5 * off.std() / np.sqrt(rows.size)
        assert np.mean(np.abs(off[known]) > 1.96 * error[known]) < 0.1
    assert np.isnan(column(drawn, "phi_f", np.flatnonzero(~there["f"]))).all()
    assert np.abs(column(drawn, "residual")).max() < 1e-12


def test_the_jackknife_finds_the_bias_of_few_donors():
    """4,000 games of log of a mean of 8 answers: φ is larger than with many by what it says."""
    rng, shares = np.random.default_rng(0), 4
    answers = rng.uniform(0.05, 0.95, (shares, 2, 4, 4000)) * [[[1.0], [1.0], [0.8], [1.0]]]
    answers[:, :, 3] = 0.9  # everything is there, and no donor
    worth = np.log(answers.mean(axis=(0, 1)))
    rest = [np.log(np.delete(answers, s, axis=0).mean(axis=(0, 1))) for s in range(shares)]
    many = shapley(np.log([[0.5], [0.5], [0.4], [0.9]]))[0]
    game = _solved(worth, np.stack(rest))
    bias = game.phi.mean(axis=0) - many
    assert (bias > 0.005).all()
    assert game.shift.mean(axis=0) == pytest.approx(bias, rel=0.25)
