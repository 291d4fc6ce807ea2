"""A sweep for breaking points asks half of the grid and finds what the whole grid would."""

import signal

import pytest

import mmaudit as mm
from loading import access, load
from mmaudit.audits.robustness.audit import Options
from mmaudit.errors import UsageError
from mmaudit.runs.dry_run import rehearse
from mmaudit.tables import store
from mmaudit.tables.provenance import provenance
from two_vectors import Nearest, make

N = 500
LIMIT = 0.9
SOME = ("vector/gaussian_noise", "vector/salt_and_pepper", "vector/scale", "vector/sign_flip")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return make(tmp_path_factory.mktemp("data"), N, noise=0.35)


def sweep(manifest, out, model=None, **options):
    asked = {"corruptions": SOME, "replicates": 50, "quiet": True, "out": out}
    return mm.robustness(manifest, model or Nearest(), **asked | options)


def frame(run):
    table = run["robustness/summary"].to_pandas()
    return table[table.slice == "all"].set_index(["condition", "metric"])


@pytest.fixture(scope="module")
def grid(manifest, tmp_path_factory):
    return frame(sweep(manifest, tmp_path_factory.mktemp("g") / "r", severities=(1, 2, 3, 4, 5)))


def crossing(grid, series, limit):
    """Where the whole grid crosses, by hand."""
    name, _, modality = series.partition("@")
    heights = [grid.loc["clean", "accuracy"]["estimate.value"]] + [
        grid.loc[f"{name}:{s}@{modality}", "accuracy"]["estimate.value"] for s in range(1, 6)
    ]
    for s in range(1, 6):
        if heights[s] < limit:
            return s - 1 + (heights[s - 1] - limit) / (heights[s - 1] - heights[s])
    return None


@pytest.mark.parametrize("how", ["absolute", "drop"])
def test_bisection_finds_what_the_grid_says(manifest, grid, tmp_path, how):
    clean = grid.loc["clean", "accuracy"]["estimate.value"]
    limit = LIMIT if how == "absolute" else clean - 0.1
    run = sweep(manifest, tmp_path, breaking_point={"absolute": "0.9", "drop": "drop:0.1"}[how])
    found = frame(run)
    points = found[found.index.get_level_values("metric") == "accuracy_breaking_point"]
    series = {c for c, m in grid.index if m == "accuracy_worst"}
    told = {c: row["estimate.value"] for (c, _), row in points.iterrows()}
    assert told
    expected = {s: crossing(grid, s, limit) for s in series}
    assert told == pytest.approx({s: x for s, x in expected.items() if x is not None})
    for _, row in points.iterrows():
        assert 0 <= row["estimate.low"] <= row["estimate.value"] <= row["estimate.high"] <= 5
    (note,) = provenance(run["robustness/summary"].arrow().schema.metadata).notes
    for name in series:
        assert (name in note) == (expected[name] is None)
    samples = run["robustness/samples"].to_pandas()
    counts = samples.groupby("condition").size()
    assert set(counts) == {N}
    assert len(counts) - 1 <= 3 * len(series) < 5 * len(series)
    for condition in counts.index:  # what was asked is what the grid says of it
        same = grid.loc[condition, "accuracy"]["estimate.value"]
        assert found.loc[condition, "accuracy"]["estimate.value"] == pytest.approx(same)
    assert "accuracy_area_under_curve" not in set(found.index.get_level_values("metric"))


class Tired(Nearest):
    """Stops in the middle the first time."""

    left = 12

    def scores(self, batch, present):
        type(self).left -= 1
        if type(self).left == 0:
            signal.raise_signal(signal.SIGINT)  # as a person does
        return super().scores(batch, present)


def test_an_interrupted_search_goes_on_to_the_same_bytes(manifest, tmp_path):
    some = {"corruptions": ("vector/gaussian_noise",), "breaking_point": "0.9", "missing": True}
    with pytest.raises(KeyboardInterrupt):
        sweep(manifest, tmp_path / "a", Tired(), **some)
    sweep(manifest, tmp_path / "a", Tired(), resume=True, **some)
    sweep(manifest, tmp_path / "b", Tired(), workers=2, **some)
    for path in (tmp_path / "b").rglob("*.parquet"):
        assert (tmp_path / "a" / path.relative_to(tmp_path / "b")).read_bytes() == path.read_bytes()
    names = set(store.read(tmp_path / "a/robustness/summary.parquet")["condition"].to_pylist())
    assert {"present:left", "present:right"} <= names


def test_a_rehearsal_says_that_it_is_the_most(manifest):
    options = Options(corruptions=("vector/dropout",), breaking_point="0.9", replicates=20)
    told = rehearse("robustness", str(manifest), load(Nearest()), options, access())
    assert told.stages
    assert told.passes == {"scores": 11 * N}


@pytest.mark.parametrize("text", ["a lot", "drop:0", "drop"])
def test_what_is_no_limit_is_refused(manifest, text):
    with pytest.raises(UsageError, match="not a limit"):
        sweep(manifest, None, breaking_point=text)
