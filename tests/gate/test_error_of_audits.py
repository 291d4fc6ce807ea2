"""Each audit, end to end through its summary and the gate: how often is a gate wrong at the truth?

A cheap cell of each kind of number, in few sets, so that only a gross error shows here; the large
cells are in `test_stated_error.py`, `test_every_metric.py` (slow) and the study of gates.
"""

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import many_games
import many_pairs
import many_runs
import simulated
from mmaudit.audits.contributions import summary
from mmaudit.audits.noisy_pairs.metrics import METRICS as PAIRS

SETS = 30
SERIES = "{condition='image/fog@image'}"


def check_outcomes(name, outcomes, wrongs=("pass", "fail")):
    """As often wrong as a gate that errs in 2.5 % of the sets is in 999 of 1,000 such tests."""
    most = stats.binom.ppf(0.999, outcomes.size, 0.025)
    for wrong in wrongs:
        assert (outcomes == wrong).sum() <= most, (name, wrong)


def probabilities(rng, sets, n):
    """Answers of a calibrated model to clean and to worse data, by severity, and the labels."""
    labels = rng.integers(0, 2, (sets, n))
    noise, scores = rng.normal(size=labels.shape), {}
    for severity, apart in ((0, 3.0), (3, 1.5)):
        x = np.where(labels, apart / 2, -apart / 2) + 0.7 * noise
        x += math.sqrt(1 - 0.49) * rng.normal(size=x.shape)
        q = 1 / (1 + np.exp(-apart * x))
        scores[severity] = np.stack([1 - q, q], -1).astype(np.float32)
    return scores, labels


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """A run of so many samples that its numbers are the true ones."""
    folder = tmp_path_factory.mktemp("truth")
    return many_runs.run(folder, *probabilities(np.random.default_rng(10), 1, 20_000))


def test_classes_and_their_drops(tmp_path, truth):
    rng = np.random.default_rng(0)
    run = many_runs.run(tmp_path / "r", *probabilities(rng, SETS, 100), replicates=60)
    for metric in ("accuracy", "macro_f1", "auroc", "brier", "nll", "ece", "flip_rate"):
        kind = "min" if metric in {"accuracy", "macro_f1", "auroc"} else "max"
        for limit in (kind, "max_drop") if metric != "flip_rate" else (kind,):
            loose = {"min": 0.0, "max": 1.0, "max_drop": 1.0}[limit]
            known = many_runs.verdicts(truth, metric, 1, **{limit: loose})[1][0].value
            outcomes, _ = many_runs.verdicts(run, metric, SETS, **{limit: known})
            check_outcomes((metric, limit), outcomes)


def test_numbers_and_their_rises(tmp_path):
    rng, n = np.random.default_rng(1), 250
    truth = rng.normal(size=(SETS, n))
    noise = rng.normal(size=truth.shape)
    run = many_runs.run(
        tmp_path, {s: truth + e * noise for s, e in ((0, 0.5), (3, 1.0))}, truth, replicates=60
    )
    size = math.sqrt(2 / math.pi)
    rho = [6 / math.pi * math.asin(1 / math.sqrt(1 + e * e) / 2) for e in (0.5, 1.0)]
    for metric, limit in (
        ("mae", {"max": size}), ("mae", {"max_drop": size / 2}),
        ("rmse", {"max": 1.0}), ("rmse", {"max_drop": 0.5}),
        ("spearman", {"min": rho[1]}), ("spearman", {"max_drop": rho[0] - rho[1]}),
    ):  # fmt: skip
        outcomes, _ = many_runs.verdicts(run, metric, SETS, **limit)
        check_outcomes((metric, limit), outcomes)


def test_numbers_of_a_curve(tmp_path):
    rng, n, line = np.random.default_rng(2), 80, (0.95, 0.9, 0.8, 0.7)
    u = rng.random((SETS, n))
    scores = {s: many_runs.right(u < share) for s, share in enumerate(line)}
    run = many_runs.run(tmp_path, scores, np.zeros((SETS, n), int))
    for name, known in simulated.truth_of_curve(line, None).items():
        outcomes, _ = many_runs.verdicts(run, f"accuracy_{name}{SERIES}", SETS, max=known)
        # a limit at the least possible number is kept by it: to pass is right
        least = name in {"kendall_tau", "monotonicity_violations"}
        check_outcomes(name, outcomes, ("fail",) if least else ("pass", "fail"))


def test_contributions(tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "gallery", lambda *_: pa.table({}))
    sets = SETS // 2
    known = many_games.estimates(np.random.default_rng(9), 1, 20_000, replicates=2)
    run = many_games.run(
        tmp_path, many_games.summarised(np.random.default_rng(3), sets, 80, replicates=60)
    )
    for metric, modality in (
        ("phi", "image"), ("share", "text"), ("gini", ""), ("interaction", "image,text"),
        ("accuracy_alone", "text"), ("gain_over_best_alone", ""), ("loss", ""),
        ("information_unique", "image|text"), ("weight_loss_spearman", "image"),
        ("policy_spread", "image"),
    ):  # fmt: skip
        truth = known[metric, modality][0].value
        outcomes = many_games.outcomes(run, metric, modality, sets, max=truth)
        check_outcomes((metric, modality), outcomes)


def test_noisy_pairs(tmp_path):
    truth, sets = many_pairs.sets(SETS // 2, 100, 0.1, 0.4, 1)
    run = many_pairs.run(tmp_path, sets)
    for name in ("noise_rate", "separability", "similarity"):
        assert not PAIRS[name].unsure
        outcomes = many_pairs.outcomes(run, name, range(len(sets)), max=truth[name])
        check_outcomes(name, outcomes)


def test_groups_vary_as_a_whole(tmp_path, truth):
    rng, g = np.random.default_rng(4), 60
    scores, labels = probabilities(rng, SETS, g)
    at = np.arange(g).repeat(3)
    groups = np.broadcast_to(at, (SETS, at.size))
    run = many_runs.run(
        tmp_path / "r", {s: p[:, at] for s, p in scores.items()}, labels[:, at], groups
    )
    for metric, limit in (("accuracy", "min"), ("nll", "max"), ("brier", "max_drop")):
        known = many_runs.verdicts(truth, metric, 1, **{limit: 0.5})[1][0].value
        outcomes, _ = many_runs.verdicts(run, metric, SETS, **{limit: known})
        check_outcomes((metric, limit), outcomes)
