"""The robustness audit against known answers, on data it makes and on real data."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from mmaudit.errors import IncompleteError, InputError, UsageError
from places import SHARED

CLASSES = ("a", "b", "c")


class Nearest:
    """Answers with the class whose number is nearest to the mean of what is present."""

    modalities = ("left", "right")
    classes = CLASSES
    accepts_missing = True

    def scores(self, batch, present):
        values = [np.asarray(batch[m], np.float64).mean(1) for m in self.modalities]
        there = [np.asarray(present[m], float) for m in self.modalities]
        weight = np.maximum(sum(there), 1e-9)
        middle = sum(v * t for v, t in zip(values, there, strict=True)) / weight
        return np.exp(-10 * (middle[:, None] - np.arange(3)) ** 2)


def normalised(model):
    class Normalised(model):
        def scores(self, batch, present):
            p = super().scores(batch, present) + 1e-6
            return (p / p.sum(1, keepdims=True)).astype(np.float32)

    return Normalised()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    rng = np.random.default_rng(0)
    n = 600
    labels = rng.integers(0, 3, n)
    columns = {
        side: [x.tolist() for x in labels[:, None] + rng.normal(0, 1.0, (n, 8))]
        for side in ("left", "right")
    }
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [CLASSES[k] for k in labels],
        "site": [f"site{i % 40}" for i in range(n)],
        "half": ["even" if i % 2 == 0 else "odd" for i in range(n)],
        **columns,
    }
    sides, source = ("left", "right"), 'slices = ["half"]'
    vector_files.write(folder, table, *sides, source=source, target=vector_files.CLASS_OF_LABEL)
    return folder


def sweep(folder, model=None, **kwargs):
    options = {"corruptions": ("vector/gaussian_noise",), "replicates": 200, "quiet": True}
    return mm.robustness(folder / "dataset.toml", model or normalised(Nearest), **options | kwargs)


@pytest.fixture(scope="module")
def usual(folder, tmp_path_factory):
    """The sweep without any option: to read, not to change."""
    return sweep(folder, out=tmp_path_factory.mktemp("usual") / "run")


def frame(run):
    return run["robustness/summary"].to_pandas()


def value(table, condition, metric="accuracy", slice="all"):
    chosen = table[
        (table["condition"] == condition) & (table["metric"] == metric) & (table["slice"] == slice)
    ]
    assert len(chosen) == 1, (condition, metric, slice)
    return chosen.iloc[0]


def test_the_numbers_are_those_of_the_samples_table(usual):
    run = usual
    table, samples = frame(run), run["robustness/samples"].to_pandas()
    by_condition = samples.groupby("condition")["correct"].mean()
    for condition, accuracy in by_condition.items():
        assert value(table, condition)["estimate.value"] == pytest.approx(accuracy)
    clean = samples[samples.condition == "clean"].set_index("id")
    worst = samples[samples.condition == "vector/gaussian_noise:5@left"].set_index("id")
    drop = (clean.correct.astype(int) - worst.correct.astype(int)).mean()
    row = value(table, "vector/gaussian_noise:5@left", "accuracy_drop")
    assert row["estimate.value"] == pytest.approx(drop)
    assert row["estimate.low"] <= drop <= row["estimate.high"]
    flips = (clean.prediction != worst.prediction.loc[clean.index]).mean()
    found = value(table, "vector/gaussian_noise:5@left", "flip_rate")["estimate.value"]
    assert found == pytest.approx(flips)
    even = samples[(samples.condition == "clean") & (samples["slice:half"] == "even")]
    found = value(table, "clean", slice="half=even")
    assert found["estimate.value"] == pytest.approx(even.correct.mean())
    assert found["estimate.n"] == 300


def test_curves_fall_and_their_numbers_are_those_of_their_points(folder):
    table = frame(sweep(folder, severities=(1, 2, 3, 4, 5)))
    points = [value(table, "clean")["estimate.value"]] + [
        value(table, f"vector/gaussian_noise:{s}@right")["estimate.value"] for s in range(1, 6)
    ]
    assert points[0] > points[-1] + 0.1
    area = value(table, "vector/gaussian_noise@right", "accuracy_area_under_curve")
    assert area["estimate.value"] == pytest.approx(np.trapezoid(points) / 5)
    worst = value(table, "vector/gaussian_noise@right", "accuracy_worst")
    assert worst["estimate.value"] == pytest.approx(min(points[1:]))
    relative = value(table, "vector/gaussian_noise@right", "accuracy_relative_drop")
    assert relative["estimate.value"] == pytest.approx(1 - np.mean(points[1:]) / points[0])


def test_harm_per_dose_is_the_slope_of_the_drops_over_the_mean_doses(usual):
    run = usual
    table, samples = frame(run), run["robustness/samples"].to_pandas()
    by_condition = samples.groupby("condition")
    names = [f"vector/gaussian_noise:{s}@left" for s in (1, 3, 5)]
    doses = [0.0, *(by_condition["dose"].mean()[name] for name in names)]
    right = by_condition["correct"].mean()
    drops = [right["clean"] - right[name] for name in ("clean", *names)]
    found = value(table, "vector/gaussian_noise@left", "harm_per_dose:sd_units")
    assert found["estimate.value"] == pytest.approx(np.polyfit(doses, drops, 1)[0])
    assert 0 < found["estimate.low"] < found["estimate.value"] < found["estimate.high"]
    half = value(table, "vector/gaussian_noise@left", "harm_per_dose:sd_units", "half=even")
    assert half["estimate.n"] == 300


def test_severities_asked_alone_give_the_same_answers(folder, usual):
    """Conditions share noise and do not influence each other."""
    every = usual["robustness/samples"].to_pandas()
    assert {"vector/gaussian_noise:1@left", "vector/gaussian_noise:5@left"} <= {*every.condition}
    alone = sweep(folder, severities=(3,))["robustness/samples"].to_pandas()
    name = "vector/gaussian_noise:3@left"
    left, right = (t[t.condition == name].reset_index(drop=True) for t in (every, alone))
    assert left.equals(right)


@pytest.mark.parametrize("kwargs", [{"workers": 2}, {"batch_size": 600}])
def test_workers_and_batches_do_not_change_a_byte(folder, usual, tmp_path, kwargs):
    sweep(folder, out=tmp_path, **kwargs)
    one, two = (p / "robustness/samples/000000.parquet" for p in (usual.path, tmp_path))
    assert parquet.read_table(one).equals(parquet.read_table(two))


TEXT_MODEL = """
import numpy as np
class Long:
    modalities, classes, accepts_missing = ("words",), ("long", "short"), True
    def scores(self, batch, present):
        p = np.array([min(len(t), 40) / 40 for t in batch["words"]], np.float32)
        return np.stack([p, 1 - p], 1)
def factory():
    return Long()
"""


def test_worker_processes_do_not_change_a_byte(tmp_path):
    """Text is corrupted in Python, so workers are processes that load the model again."""
    rows = ["id,words,label"]
    rows += [f"t{i},{'a word or two ' * (i % 5)},{('short', 'long')[i % 2]}" for i in range(4500)]
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\nname = "texts"\n[source]\npath = "rows.csv"\nid = "id"\n'
        '[modality.words]\nkind = "text"\ncolumn = "words"\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    (tmp_path / "model.py").write_text(TEXT_MODEL)
    spec = f"python:{tmp_path / 'model.py'}:factory"
    asked = {"corruptions": ("text/keyboard",), "severities": (3,), "max_skipped": 900}
    for workers in (1, 2):
        sweep(tmp_path, spec, workers=workers, out=tmp_path / str(workers), **asked)
    files = sorted((tmp_path / "1").rglob("*.parquet"))
    assert len(files) == 6
    for path in files:
        assert path.read_bytes() == (tmp_path / "2" / path.relative_to(tmp_path / "1")).read_bytes()


def test_the_order_of_rows_does_not_change_an_answer(folder, usual, tmp_path):
    table = parquet.read_table(folder / "rows.parquet")
    order = np.random.default_rng(1).permutation(table.num_rows)
    parquet.write_table(table.take(order), tmp_path / "rows.parquet")
    (tmp_path / "dataset.toml").write_text((folder / "dataset.toml").read_text())
    key = ["condition", "id"]
    columns = [*key, "prediction", "dose"]
    one, two = (
        run["robustness/samples"].to_pandas()[columns].sort_values(key, ignore_index=True)
        for run in (usual, sweep(tmp_path))
    )
    assert one.equals(two)


def test_subsets_ask_the_model_with_what_is_present(folder):
    table = frame(sweep(folder, missing=True))
    whole = value(table, "clean")["estimate.value"]
    left = value(table, "present:left")
    assert 1 / 3 < left["estimate.value"] < whole
    assert left["present"] == "left"
    assert value(table, "present:none")["estimate.value"] < 0.5


def test_policies_are_asked_side_by_side(folder):
    model = normalised(Nearest)
    model.accepts_missing = False
    table = frame(sweep(folder, model, missing=True, absent=("zeros", "mean")))
    zeros, mean = (value(table, f"present:left ({p})")["estimate.value"] for p in ("zeros", "mean"))
    assert zeros != mean


def test_plans_are_exact_and_pairs_break(folder):
    run = sweep(folder, corruptions=("missing/mcar", "pairing/shuffle"), severities=(3,))
    table = frame(run)
    assert (
        value(table, "pairing/shuffle:3@left")["estimate.value"]
        < value(table, "clean")["estimate.value"]
    )
    assert value(table, "missing/mcar:3", "accuracy_drop")["estimate.low"] is not None


@pytest.mark.parametrize("plan", ["missing/mar", "missing/mnar", "pairing/within_class"])
def test_plans_that_look_at_values_or_classes(folder, plan):
    table = frame(sweep(folder, corruptions=(plan,), severities=(3,)))
    found = table[table["corruption"] == plan]
    assert len(found)


def test_joint_is_worse_than_each(folder):
    table = frame(sweep(folder, joint=True, severities=(5,)))
    joint = value(table, "vector/gaussian_noise:5@left,right")["estimate.value"]
    for side in ("left", "right"):
        assert joint <= value(table, f"vector/gaussian_noise:5@{side}")["estimate.value"]


def test_groups_are_drawn_instead_of_rows(folder, tmp_path):
    (tmp_path / "rows.parquet").write_bytes((folder / "rows.parquet").read_bytes())
    text = (folder / "dataset.toml").read_text()
    (tmp_path / "dataset.toml").write_text(text.replace('id = "id"', 'id = "id"\ngroup = "site"'))
    assert value(frame(sweep(tmp_path)), "clean")["estimate.n"] == 40


def test_two_stages_give_the_answers_of_one(folder, usual):
    class Staged(type(normalised(Nearest))):
        encoded = 0

        def encode(self, modality, values):
            self.encoded += len(values) > 16  # not those of the check before the sweep
            return np.asarray(values, np.float32)

        def fuse(self, features, present):
            return self.scores(features, present)

    staged = Staged()
    one, two = (r["robustness/samples"].to_pandas() for r in (usual, sweep(folder, staged)))
    assert one.equals(two)
    batches, changed = 3, 6  # 600 rows in batches of 256; 3 severities of each of 2 modalities
    assert staged.encoded == batches * (2 + changed)


def test_refusals(folder):
    class Other(Nearest):
        modalities = ("left", "up")

    class Stranger(Nearest):
        classes = ("x", "y", "z")

    class Leaky(Nearest):
        def scores(self, batch, present):
            p = super().scores(batch, present) + 1e-6
            p = p * (1 + np.asarray(batch["left"]).mean() * np.arange(3))
            return (p / p.sum(1, keepdims=True)).astype(np.float32)

    with pytest.raises(InputError, match="up"):
        sweep(folder, normalised(Other))
    with pytest.raises(InputError, match="does not know the classes"):
        sweep(folder, normalised(Stranger))
    with pytest.raises(InputError, match="off by"):
        sweep(folder, Leaky())
    with pytest.raises(UsageError, match="severity"):
        sweep(folder, severities=(0,))
    with pytest.raises(UsageError, match="corruptions"):
        sweep(folder, corruption=("vector/dropout",))


def test_predictions_from_elsewhere_give_the_same_numbers(folder, usual, tmp_path):
    here = usual
    samples = here["robustness/samples"].to_pandas()
    columns = {f"prob_{c}": [p[i] for p in samples.probabilities] for i, c in enumerate(CLASSES)}
    answers = pa.table({"id": samples.id, "condition": samples.condition, **columns})
    parquet.write_table(answers, tmp_path / "answers.parquet")
    there = sweep(folder, f"predictions:{tmp_path / 'answers.parquet'}")
    drop = ["estimate.low"]
    table = frame(here).drop(columns=drop)
    # what was done is not known of answers from elsewhere
    done = table.metric.str.match("mean_dose|touched_rate|harm_per_dose")
    table = table[~done].reset_index(drop=True)
    assert table.equals(frame(there).drop(columns=drop))
    gone = answers.slice(0, answers.num_rows - 5)
    parquet.write_table(gone, tmp_path / "answers.parquet")
    with pytest.raises(IncompleteError):
        sweep(folder, f"predictions:{tmp_path / 'answers.parquet'}")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the real datasets are not here")
def test_handwritten_with_late_fusion(tmp_path):
    """Clean accuracy as published for the mean of six logistic regressions; every curve falls."""
    skio = pytest.importorskip("skops.io")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mmaudit.samples import dataset as data
    from mmaudit.samples.decode import decode, stack

    dataset = data.open(SHARED / "handwritten" / "dataset.toml")
    train = dataset.select(split="train")
    samples = decode(train, train.read(range(len(train))))
    classes = np.array(dataset.classes)
    fitted = {
        m: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(
            stack(samples.values[m], "vector"), classes[samples.labels]
        )
        for m in dataset.modalities
    }
    skio.dump(fitted, tmp_path / "late.skops")
    run = mm.robustness(
        dataset,
        f"sklearn:{tmp_path / 'late.skops'}",
        corruptions=("vector/gaussian_noise", "vector/dropout"),
        severities=(1, 5),
        replicates=100,
        quiet=True,
    )
    table = frame(run)
    clean = value(table, "clean")["estimate.value"]
    assert abs(clean - 0.986) < 0.02
    for part, m in itertools.product(("gaussian_noise", "dropout"), dataset.modalities):
        ends = [value(table, f"vector/{part}:{s}@{m}", "nll")["estimate.value"] for s in (1, 5)]
        assert value(table, "clean", "nll")["estimate.value"] < ends[1], (part, m)
        assert ends[0] < ends[1], (part, m)
