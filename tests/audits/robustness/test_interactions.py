"""Damage crossed with absence: known answers, and how often nothing is called something."""

import math

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy.special import ndtri

import mmaudit as mm
import vector_files
from mmaudit.audits.robustness.answers import Embeddings
from mmaudit.audits.robustness.interactions import (
    CROSS,
    NOTE,
    Pair,
    check_crossed,
    estimate,
    surely,
)
from mmaudit.errors import UsageError
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.rests import Rests
from mmaudit.measures.intervals.evidence import Mean, linear
from mmaudit.report.read import read as read_run
from mmaudit.report.sections.challenges import sections
from mmaudit.rows import Estimate
from mmaudit.tables.run import read

SIDES = ("left", "right")
N = 300
NOISE = "vector/gaussian_noise"
COST = {"left": 0.4, "right": 0.7}  # of its absence, in nats


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossed")
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, N)
    table = {
        "id": [f"r{i:03d}" for i in range(N)],
        "label": [("a", "b")[k] for k in labels],
        "half": [("even", "odd")[i % 2] for i in range(N)],
        **{m: rng.normal(size=(N, 3)).tolist() for m in SIDES},
    }
    vector_files.write(
        folder, table, *SIDES, source='slices = ["half"]', target=vector_files.CLASS_OF_LABEL
    )
    return folder


def answered(folder, name, more):
    """Answers whose loss is a sum of costs: of a sample, of damage, of absence, and of both.

    Args:
        folder: With the dataset; gets the answers.
        name: Of the file.
        more: What both cost beyond their sum, in nats, ``(N,)`` or a number.
    """
    rng = np.random.default_rng(1)
    table = parquet.read_table(folder / "rows.parquet")
    own, true_a = rng.uniform(0.1, 1.0, N), np.array(table["label"].to_pylist()) == "a"
    damage = {m: 0.3 * rng.integers(0, 2, N) for m in SIDES}
    parts = []
    for m, other in (SIDES, SIDES[::-1]):
        parts += [(f"{NOISE}:3@{m}", own + damage[m]), (f"present:{m}", own + COST[other])]
        both = own + damage[m] + COST[other] + more
        parts.append((f"{NOISE}:3@{m} without {other}", both))
    tables = []
    for condition, loss in [("clean", own), *parts]:
        p = np.where(true_a, np.exp(-loss), 1 - np.exp(-loss))
        rows = {"id": table["id"], "condition": [condition] * N, "prob_a": p, "prob_b": 1 - p}
        tables.append(pa.table(rows))
    parquet.write_table(pa.concat_tables(tables), folder / name)
    return f"predictions:{folder / name}"


def sweep(folder, model, **options):
    asked = {"corruptions": (NOISE,), "severities": (3,), "replicates": 20}
    return mm.robustness(folder / "dataset.toml", model, quiet=True, **asked | options)


def number(run, condition, metric="nll_interaction", part="all"):
    table = run["robustness/summary"].to_pandas()
    row = table[
        (table.condition == condition) & (table.metric == metric) & (table["slice"] == part)
    ]
    assert len(row) == 1, (condition, metric)
    one = row.iloc[0]
    return one["estimate.value"], one["estimate.low"], one["estimate.high"]


CELL = f"{NOISE}:3@left without right"


def test_costs_that_add_up_do_not_interact(folder):
    """The loss is a sum, so on its scale the difference of differences is 0 in every sample."""
    run = sweep(folder, answered(folder, "sum.parquet", 0.0), joint_missing=True)
    value, low, high = number(run, CELL)
    assert value == pytest.approx(0, abs=1e-5)
    assert low < 0 < high
    notes = read(run.path, "robustness").origin.notes
    assert not [n for n in notes if "costs more where" in n and n.startswith("Damage")]
    # the same answers do interact as probabilities: p = exp(-loss) is a product
    assert number(run, CELL, "p_true_interaction")[1] > 0


def test_what_both_cost_more_is_found(folder):
    run = sweep(folder, answered(folder, "more.parquet", 0.5), joint_missing=True)
    value, low, high = number(run, CELL)
    assert value == pytest.approx(0.5, abs=1e-4)
    assert 0.2 < low < value < high
    assert number(run, CELL, part="half=odd")[0] == pytest.approx(0.5, abs=1e-4)
    assert number(run, "left without right")[0] == pytest.approx(value)
    notes = read(run.path, "robustness").origin.notes
    assert any(
        n.startswith("Damage of left costs more where right is absent (p_true") for n in notes
    )
    assert NOTE in notes


def test_the_interaction_is_that_of_four_rows(folder):
    """Of every metric that is a mean: the rows of the summary say the same."""
    rng = np.random.default_rng(3)
    run = sweep(
        folder, answered(folder, "any.parquet", rng.exponential(0.3, N)), joint_missing=True
    )
    for metric in ("accuracy", "nll", "brier"):
        both, absent, damaged, clean = (
            number(run, c, metric)[0] for c in (CELL, "present:left", f"{NOISE}:3@left", "clean")
        )
        assert number(run, CELL, f"{metric}_interaction")[0] == pytest.approx(
            both - absent - damaged + clean, abs=1e-6
        )


def test_a_gate_tests_the_samples_themselves(folder):
    rng = np.random.default_rng(4)
    model = answered(folder, "gate.parquet", rng.exponential(0.3, N))
    run = sweep(folder, model, joint_missing=True)
    summary = read(run.path, "robustness")
    rests = Rests(summary)
    for metric in ("accuracy", "p_true", "nll", "brier"):
        (row,) = [
            r
            for r in summary.of(f"{metric}_interaction")
            if (r["condition"], r["slice"]) == (CELL, "all")
        ]
        e = Estimate(**row["estimate"])
        grounds = rests.of_row(row, e)
        assert grounds.ends(0.95) == pytest.approx((e.low, e.high), abs=1e-4), metric
        assert grounds.p_past(Limit("max", e.low)) == pytest.approx(0.025, abs=2e-3)


def test_the_page_maps_damage_against_absence(folder):
    run = sweep(folder, answered(folder, "page.parquet", 0.5), joint_missing=True)
    parts = {one.key: one for one in sections(read_run(run.path))}
    here = parts["incomplete"]
    maps = [c for c in here.charts if c.title.startswith("nll_interaction: damage of")]
    assert [len(c.table.rows) for c in maps] == [1, 1]  # left without right, and right without left
    (pairs,) = [t for t in here.tables if t.title.startswith("Interactions of damage")]
    assert [row[0].text for row in pairs.rows] == ["left without right", "right without left"]
    assert NOTE in here.notes
    assert NOTE not in parts["noisy"].notes
    assert not [c for c in parts["noisy"].charts if "left,right" in c.title]


def test_severities_found_one_by_one_are_not_crossed(folder):
    with pytest.raises(UsageError, match="none is shared"):
        sweep(
            folder,
            answered(folder, "no.parquet", 0.0),
            joint_missing=True,
            breaking_point="0.5",
        )


def test_pairs_are_not_crossed():
    with pytest.raises(UsageError, match="of a pair no modality can be absent"):
        check_crossed(Embeddings(SIDES))


def right(rng, n, shares):
    """Answers under four conditions, right at some rates, hard samples hard in all, ``(4, n)``."""
    hard = 0.7 * rng.normal(size=n)
    noise = math.sqrt(1 - 0.49) * rng.normal(size=(4, n))
    return (hard + noise < ndtri(shares)[:, None]).astype(float)


def crossed(values, low, high):
    return linear(CROSS, [Mean(v, None, low, high) for v in values])


@pytest.mark.parametrize(
    ("n", "shares"),
    [(60, (0.6, 0.75, 0.8, 0.95)), (300, (0.6, 0.75, 0.8, 0.95)), (100, (0.49, 0.5, 0.98, 0.99))],
)
def test_intervals_of_accuracy_miss_on_each_side_at_most_as_stated(n, shares):
    """400 sets: at most .025 on each side; five standard errors more would be a bug."""
    rng, truth = np.random.default_rng(5), float(np.dot(CROSS, shares))
    ends = [estimate(crossed(right(rng, n, shares), 0.0, 1.0)) for _ in range(400)]
    most = 0.025 + 5 * math.sqrt(0.025 * 0.975 / 400)
    assert np.mean([e.low > truth for e in ends]) <= most
    assert np.mean([e.high < truth for e in ends]) <= most
    assert np.mean([e.high - e.low for e in ends]) < 1.0  # and says something


def additive(rng, scale, n=150):
    """Four answers whose costs add up on average and not in each sample, with their bound."""
    if scale == "share":
        return right(rng, n, (0.6, 0.7, 0.8, 0.9)), 1.0
    own, extra = rng.gamma(2, 0.3, n), 0.3 * rng.normal(size=n)
    noise, gone = rng.gamma(1, 0.4, (2, n))
    four = [own + noise + gone + extra, own + gone, own + noise, own]
    return np.clip(four, 0, 6.9), 6.9


@pytest.mark.parametrize("scale", ["share", "loss"])
def test_nothing_is_called_an_interaction_in_few_runs(scale):
    """Six pairs of additive costs: a run in which any is named, in at most 5 % of 200."""
    rng, wrong = np.random.default_rng(6), 0
    for _ in range(200):
        family = {}
        for i in range(6):
            four, most = additive(rng, scale)
            family[Pair("a", str(i), None)] = crossed(four, 0.0, most)
        wrong += any(surely(family).values())
    assert wrong / 200 <= 0.05 + 5 * math.sqrt(0.05 * 0.95 / 200)


def test_one_that_interacts_is_named_among_others():
    rng, named = np.random.default_rng(7), 0
    for _ in range(100):
        own = rng.gamma(2, 0.3, 300)
        noise, gone = rng.gamma(1, 0.4, (2, 300))
        additive = crossed([own + noise + gone, own + gone, own + noise, own], 0.0, 6.9)
        more = 0.5 + 0.3 * rng.normal(size=300)
        planted = crossed(
            np.clip([own + noise + gone + more, own + gone, own + noise, own], 0, 6.9), 0.0, 6.9
        )
        signs = surely({Pair("a", "b", None): additive, Pair("b", "a", None): planted})
        named += signs == {Pair("a", "b", None): 0, Pair("b", "a", None): 1}
    assert named >= 90


class Sum:
    """Answers with the sum of two numbers, which is the truth; what is absent counts 0."""

    modalities, accepts_missing, output, classes = SIDES, True, "values", None

    def scores(self, batch, present):
        each = [np.nan_to_num(np.asarray(batch[m], np.float64))[:, 0] for m in self.modalities]
        there = [present[m] for m in self.modalities]
        return sum(v * p for v, p in zip(each, there, strict=True)).astype(np.float32)[:, None]


def test_independent_errors_add_up_on_their_squares(tmp_path):
    """E (e - b)^2 = E e^2 + E b^2; of absolute errors the sum is less than that."""
    x = np.random.default_rng(0).normal(size=(2, N))
    table = {"id": [f"r{i}" for i in range(N)], "label": x.sum(0).tolist()}
    table |= {m: v[:, None].tolist() for m, v in zip(SIDES, x, strict=True)}
    target = '[target]\ncolumn = "label"\nkind = "number"\n'
    vector_files.write(tmp_path, table, *SIDES, target=target)
    run = sweep(tmp_path, Sum(), joint_missing=True)
    _, low, high = number(run, CELL, "mse_interaction")
    assert low < 0 < high
    assert number(run, CELL, "mae_interaction")[2] < 0
    notes = read(run.path, "robustness").origin.notes
    assert any(n.startswith("Whether damage of left") and "mse_interaction" in n for n in notes)
    summary = read(run.path, "robustness")
    (row,) = [r for r in summary.of("mse_interaction") if r["condition"] == CELL]
    e = Estimate(**row["estimate"])
    assert Rests(summary).of_row(row, e).ends(0.95) == pytest.approx((e.low, e.high), rel=1e-3)


@pytest.mark.parametrize("n", [60, 300])
def test_intervals_of_squared_errors_miss_on_each_side_at_most_as_stated(n):
    """The mean of -2 e b over 1,000 sets by Hall's interval, whose truth is 0."""
    rng = np.random.default_rng(8)
    ends = []
    for _ in range(1000):
        e, b = rng.normal(size=(2, n))
        four = [(e - b) ** 2, b**2, e**2, np.zeros(n)]
        ends.append(estimate(linear(CROSS, [Mean(v, None, 0.0, math.inf) for v in four])))
    most = 0.025 + 5 * math.sqrt(0.025 * 0.975 / 1000)
    assert np.mean([x.low > 0 for x in ends]) <= most
    assert np.mean([x.high < 0 for x in ends]) <= most
