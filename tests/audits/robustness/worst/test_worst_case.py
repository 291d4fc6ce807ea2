"""Worst cases: for each sample the worst of its answers under the corruptions, and how often."""

import numpy as np
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from mmaudit.errors import UsageError

CLASSES = ("a", "b", "c")
CORRUPTIONS = ("vector/gaussian_noise", "vector/dropout", "vector/sign_flip")
LEFT = "worst/corruption:5@left"


class Nearest:
    modalities = ("left", "right")
    classes = CLASSES
    accepts_missing = True

    def scores(self, batch, present):
        middle = sum(np.asarray(batch[m], np.float64).mean(1) for m in self.modalities) / 2
        p = np.exp(-2 * (middle[:, None] - np.arange(3)) ** 2) + 1e-6
        return (p / p.sum(1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    rng, n = np.random.default_rng(0), 240
    labels = rng.integers(0, 3, n)
    sides = {
        side: [x.tolist() for x in labels[:, None] + rng.normal(0, 0.8, (n, 8))]
        for side in ("left", "right")
    }
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [CLASSES[k] for k in labels],
        **sides,
    }
    folder = tmp_path_factory.mktemp("worst")
    return vector_files.write(folder, table, *sides, target=vector_files.CLASS_OF_LABEL)


def sweep(dataset, model=None, **kwargs):
    options = {"corruptions": CORRUPTIONS, "severities": (1, 5), "replicates": 10, "quiet": True}
    return mm.robustness(dataset, model or Nearest(), **options | {"worst_case": True} | kwargs)


@pytest.fixture(scope="module")
def run(dataset):
    return sweep(dataset)


def samples(run):
    return run["robustness/samples"].to_pandas().set_index("id")


def numbers(run, metric):
    rows = run["robustness/summary"].to_pandas().to_dict("records")
    return {row["condition"]: row for row in rows if row["metric"] == metric}


def notes(run):
    metadata = parquet.read_schema(run.path / "robustness/summary.parquet").metadata
    return metadata[b"mmaudit"].decode()


def members(table, severity, modalities):
    names = [f"{c}:{severity}@{m}" for c in CORRUPTIONS for m in modalities]
    return {name: table[table.condition == name] for name in names}


@pytest.mark.parametrize("modalities", [("left",), ("right",), ("left", "right")])
@pytest.mark.parametrize("severity", [1, 5])
def test_it_is_right_where_all_are_right_and_its_loss_is_of_the_worst(run, severity, modalities):
    table = samples(run)
    name = f"worst/corruption:{severity}@{','.join(modalities)}"
    worst, each = table[table.condition == name], members(table, severity, modalities)
    right = np.array([m.correct.loc[worst.index] for m in each.values()])
    loss = np.array([m.loss.loc[worst.index] for m in each.values()])
    np.testing.assert_array_equal(worst.correct, right.all(axis=0))
    among = np.where(right == right.all(axis=0), loss, -1).max(axis=0)
    np.testing.assert_array_equal(worst.loss, among)
    assert worst.dose.isna().all()


def test_the_summary_is_of_these_answers_and_lies_below_every_member(run):
    table, accuracy = samples(run), numbers(run, "accuracy")
    for name in (LEFT, "worst/corruption:1@left,right"):
        row = accuracy[name]
        assert row["estimate.value"] == table[table.condition == name].correct.mean()
        assert row["corruption"] == "worst/corruption"
    least = min(accuracy[m]["estimate.value"] for m in members(table, 5, ("left",)))
    assert accuracy[LEFT]["estimate.value"] < least
    assert "whichever of 3 corruptions of left is worst" in notes(run)
    assert LEFT in notes(run)


def test_the_rate_of_the_worst_is_counted_where_one_alone_is(run):
    table = samples(run)
    worst = table[table.condition == LEFT]
    each = members(table, 5, ("left",))
    rank = np.array(
        [1e6 * ~m.correct.loc[worst.index] + m.loss.loc[worst.index] for m in each.values()]
    )
    alone = (rank == rank.max(axis=0)).sum(axis=0) == 1
    assert alone.any()
    for number, name in enumerate(each):
        mine = alone & (rank.argmax(axis=0) == number)
        assert numbers(run, "worst_rate")[name]["estimate.value"] == mine.mean()
        np.testing.assert_array_equal(worst.worst == name, mine)


def test_several_draws_are_worse_than_one_and_the_same_seed_gives_the_same(dataset, run):
    three = samples(sweep(dataset, draws=3))
    one = samples(run)
    worse = [t[t.condition == LEFT].correct for t in (one, three)]
    assert (worse[1] <= worse[0]).all()
    assert worse[1].mean() < worse[0].mean()
    again = samples(sweep(dataset, draws=3))
    assert again.equals(three)
    plain = "vector/gaussian_noise:5@left"
    assert one[one.condition == plain].equals(three[three.condition == plain])


def test_of_one_corruption_the_sentence_says_draws(dataset):
    run = sweep(dataset, corruptions=("vector/gaussian_noise",), severities=(5,), draws=2)
    assert "Under whichever draw of vector/gaussian_noise on left is worst" in notes(run)


@pytest.mark.parametrize("kwargs", [{"workers": 2}, {"batch_size": 100}])
def test_workers_and_batches_do_not_change_the_worst(dataset, tmp_path, kwargs):
    paths = [tmp_path / "one", tmp_path / "two"]
    sweep(dataset, out=paths[0])
    sweep(dataset, out=paths[1], **kwargs)
    one, two = (parquet.read_table(p / "robustness/samples/000000.parquet") for p in paths)
    assert one.equals(two)


def test_a_worst_case_asked_alone_by_bisection_has_the_same_answers(dataset, run):
    """Its members that are not asked at a severity are asked for it."""
    bisected = samples(sweep(dataset, breaking_point="drop:0.9"))
    for name in {*bisected.condition} & {*samples(run).condition}:
        one, two = (t[t.condition == name] for t in (samples(run), bisected))
        assert one.correct.equals(two.correct), name


def test_the_worst_of_what_harms_nobody_is_clean(dataset):
    class Deaf(Nearest):
        def scores(self, batch, present):
            return np.tile(np.float32([0.5, 0.3, 0.2]), (len(batch["left"]), 1))

    run = sweep(dataset, Deaf(), severities=(5,))
    table = samples(run)
    clean, worst = (table[table.condition == c] for c in ("clean", LEFT))
    assert worst.p_true.equals(clean.p_true)
    assert worst.worst.isna().all()
    drop = numbers(run, "accuracy_drop")[LEFT]
    assert (drop["estimate.value"], drop["estimate.low"]) == (0, pytest.approx(0, abs=0.03))


@pytest.mark.parametrize(
    ("kwargs", "what"),
    [
        ({"worst_case": False, "draws": 2}, "--draws says nothing without --worst-case"),
        ({"draws": 0}, "--draws 0"),
        ({"corruptions": ("missing/mcar",)}, "there are none"),
    ],
)
def test_what_means_nothing_is_refused(dataset, kwargs, what):
    with pytest.raises(UsageError, match=what):
        sweep(dataset, **kwargs)
