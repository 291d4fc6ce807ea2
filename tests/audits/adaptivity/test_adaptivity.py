"""The audit from a file to its tables: who follows quality, who does not, and what it costs."""

from collections import Counter

import numpy as np
import pytest
from pyarrow import parquet

import adapted
import mmaudit as mm
from adapted import CLASSES, Fuser, Weighted
from command import mmaudit
from mmaudit.audits.adaptivity.pool import pooled
from mmaudit.errors import UsageError
from mmaudit.tables.provenance import provenance
from places import KITS

NOISE = {"corruptions": ("vector/gaussian_noise",), "replicates": 50, "quiet": True}
WORDS = {
    "follows": "follows quality",
    "fixed": "indifferent",
    "wrong": "follows the wrong way",
}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    return adapted.write(tmp_path_factory.mktemp("vectors"), 400)


def summary(run):
    rows = run["adaptivity/summary"].arrow().to_pylist()
    keys = ("metric", "trust", "modality", "dose_of", "corruption", "severity", "slice")
    return {tuple(row[k] for k in keys): row["estimate"] for row in rows}


def words(run):
    table = run["adaptivity/verdicts"].arrow()
    return dict(zip(table["modality"].to_pylist(), table["verdict"].to_pylist(), strict=True))


@pytest.mark.parametrize("trust", WORDS)
@pytest.mark.parametrize("fuser", [Fuser, Weighted])
def test_the_verdict_is_that_of_the_weights_whatever_grows_louder(vectors, trust, fuser):
    run = mm.adaptivity(vectors, fuser(trust, loud=True), **NOISE)
    assert words(run) == dict.fromkeys("ab", WORDS[trust])
    numbers, lead = summary(run), "weight" if fuser is Weighted else "implied"
    for m, other in ("ab", "ba"):
        own = numbers["adaptivity", lead, m, m, "", None, "all"]
        assert (own["low"] > 0, own["high"] < 0) == (trust == "follows", trust == "wrong")
        across = numbers["cross_effect", lead, m, other, "", None, "all"]
        assert (across["low"] > 0, across["high"] < 0) == (trust == "follows", trust == "wrong")
        assert numbers["loudness_effect", "", m, m, "", None, "all"]["low"] > 0
    assert numbers["implied_fit", "implied", "", "", "", None, "all"]["value"] > 0.999


def test_shares_are_what_is_left_where_no_sum_explains_the_answer(vectors):
    """Of three classes any answer is a sum of two, so that shares of the answer are looked at."""
    three = "abc"
    steady = mm.adaptivity(vectors, Fuser("follows", classes=CLASSES), **NOISE)
    assert summary(steady)["adaptivity", "share", "a", "a", "", None, "all"]["low"] > 0
    few = adapted.table(Fuser("follows", classes=three), 300, 0)
    assert adapted.leading(pooled([few], 0), ("a", "b")) == "share"


@pytest.mark.parametrize("trust", WORDS)
@pytest.mark.parametrize("classes", [CLASSES, pytest.param("abc", marks=pytest.mark.slow)])
def test_verdicts_of_100_sets_are_right(trust, classes):
    """By implied weights (six classes) and by shares (three): right in 95 % of 100 sets."""
    found = Counter(
        (one.trust, one.verdict)
        for seed in range(100)
        for one in adapted.verdicts(Fuser(trust, classes=classes), 300, seed)
    )
    lead = "share" if classes == "abc" else "implied"
    assert found[lead, WORDS[trust]] >= 0.95 * 200, found


@pytest.mark.parametrize(("n", "group"), [(60, 1), pytest.param(300, 5, marks=pytest.mark.slow)])
def test_where_nothing_moves_5_percent_of_runs_say_so(n, group):
    """Values swapped with others are as loud as these; shares are noise, and weights are fixed."""
    sets, wrong = 200, 0
    model = Fuser("fixed", classes="abc", loud=True)
    for seed in range(sets):
        found = adapted.verdicts(model, n, seed, group=group, swap=True)
        assert {one.trust for one in found} == {"share"}
        wrong += any(one.verdict.startswith("follows") for one in found)
    assert wrong / sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / sets)


def test_damage_is_drawn_by_seed_and_id_each_modality_by_itself(vectors):
    table = mm.adaptivity(vectors, Fuser(), quiet=True, replicates=2)["adaptivity/samples"].arrow()
    a, b = (table[f"severity_{m}"].to_numpy() for m in "ab")
    assert np.bincount(a, minlength=6).min() > 30
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.15
    doses = table["dose_a"].to_pandas()
    assert doses[a == 0].isna().all()
    assert (doses[a > 0] > 0).all()
    names = set(table["corruption_a"].to_pylist())
    assert names == {"", "vector/gaussian_noise", "vector/dropout"}
    again = mm.adaptivity(vectors, Fuser(), quiet=True, replicates=2, seed=1)
    assert (again["adaptivity/samples"].arrow()["severity_a"].to_numpy() != a).mean() > 0.5


def test_neither_workers_nor_batches_nor_order_change_a_number(tmp_path):
    one = adapted.write(tmp_path / "one", 300, absent=0.2)
    order = np.random.default_rng(1).permutation(300)
    two = adapted.write(tmp_path / "two", 300, absent=0.2, order=order)
    runs = [
        mm.adaptivity(where, Fuser("follows"), **NOISE, **how)
        for where, how in ((one, {}), (one, {"workers": 2}), (one, {"batch_size": 64}), (two, {}))
    ]
    plain, *others = (run["adaptivity/summary"].arrow().to_pylist() for run in runs)
    assert plain == others[0]
    for other in others[1:]:  # of other batches the last bit of a float32 answer may differ
        for row, same in zip(plain, other, strict=True):
            assert row["metric"] == same["metric"]
            assert row["estimate"]["value"] == pytest.approx(same["estimate"]["value"], abs=2e-3)
    drawn = ("id", "severity_a", "corruption_b", "dose_a")
    by_id = [r["adaptivity/samples"].arrow().select(drawn).sort_by("id") for r in runs]
    assert all(table.equals(by_id[0]) for table in by_id[1:])


def test_more_samples_than_are_pooled_change_no_part_of_the_rest(monkeypatch):
    table = adapted.table(Fuser("follows"), 400, 0)
    monkeypatch.setattr("mmaudit.audits.adaptivity.pool.MOST", 50)
    halves = [table.slice(0, 200), table.slice(200)]
    pieces = [table.slice(k, 40) for k in range(0, 400, 40)]
    some, same = pooled(halves, 0), pooled(pieces, 0)
    assert (len(some.keys), some.all) == (50, 400)
    assert some.table.equals(same.table)
    assert not pooled(halves, 1).table.equals(some.table)


def test_what_it_costs_is_said_before_and_is_true(vectors, capsys):
    model = Fuser("follows", ("a", "b"))
    mm.adaptivity(vectors, model, replicates=2)
    said = capsys.readouterr().err
    assert "8 forward passes a sample" in said
    assert "3,200 for 400 samples" in said
    assert model.asked == pytest.approx(3200, rel=0.25)


def test_many_modalities_are_asked_by_some_of_their_subsets(tmp_path, capsys):
    names = tuple("abcdef")
    where, model = adapted.write(tmp_path, 150, modalities=names), Weighted("follows", names)
    exact = summary(mm.adaptivity(where, Weighted("follows", names), **NOISE))
    run = mm.adaptivity(where, model, **NOISE | {"quiet": False}, budget=60)
    some = summary(run)
    said = int(capsys.readouterr().err.split(" forward passes")[0].split("\n")[-1])
    assert said <= 60
    assert model.asked / 150 == pytest.approx(said, rel=0.25)
    for m in names:
        way = "adaptivity", "share", m, m, "", None, "all"
        assert some[way]["value"] == pytest.approx(exact[way]["value"], abs=0.1)
    with pytest.raises(UsageError, match="too few for 6 modalities"):
        mm.adaptivity(where, model, **NOISE, budget=20)


def test_groups_are_what_intervals_are_of(tmp_path):
    run = mm.adaptivity(adapted.write(tmp_path, 300, group=5), Fuser("follows"), **NOISE)
    own = summary(run)["adaptivity", "implied", "a", "a", "", None, "all"]
    assert own["n"] == 60


def test_slices_and_corruptions_have_their_own_rows(vectors):
    numbers = summary(mm.adaptivity(vectors, Fuser("follows"), quiet=True, replicates=2))
    for part in ("side=left", "side=right", "class=a"):
        assert numbers["adaptivity", "implied", "a", "a", "", None, part]["n"] > 0
    assert numbers["adaptivity", "implied", "a", "a", "vector/dropout", None, "all"]
    curve = [numbers["trust_change", "implied", "a", "a", "", s, "all"]["value"] for s in range(6)]
    assert curve[5] < curve[0]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"corruptions": ("image/fog",)}, "damages single values"),
        ({"corruptions": ("missing/mcar",)}, "damages single values"),
        ({"margin": 0.0}, "judges nothing"),
        ({"absent": "guess"}, "no absence policy"),
    ],
)
def test_what_cannot_be_is_refused(vectors, how, says):
    with pytest.raises(UsageError, match=says):
        mm.adaptivity(vectors, Fuser(), quiet=True, **how)


def test_one_modality_and_embeddings_have_no_trust_that_moves(tmp_path):
    where = adapted.write(tmp_path, 40)
    with pytest.raises(UsageError, match="the model has one"):
        mm.adaptivity(where, Fuser(modalities=("a",)), quiet=True)


def test_numbers_have_shares_too(tmp_path):
    class Sum:
        modalities, classes, output, accepts_missing = ("a", "b"), None, "values", True

        def scores(self, batch, present):
            sums = (np.asarray(batch[m])[:, :6].sum(1) * present[m] for m in self.modalities)
            return sum(sums).astype(np.float32)

    where = adapted.write(tmp_path, 200)
    text = where.read_text().partition("[target]")[0]
    where.write_text(text)  # no target: trust needs no labels
    numbers = summary(mm.adaptivity(where, Sum(), **NOISE))
    # a sum of noisy values is trusted more where it is noisier: it grows louder, and nobody minds
    assert numbers["adaptivity", "share", "a", "a", "", None, "all"]["high"] < 0
    assert not any(key[1] == "implied" for key in numbers)


def test_the_command_says_it_and_goes_on_where_it_was(tmp_path, vectors):
    model = tmp_path / "model.py"
    model.write_text(
        f"import sys\nsys.path.insert(0, {str(KITS)!r})\nimport adapted\n"
        "def factory():\n    return adapted.Weighted('follows')\n"
    )
    words_ = ("adaptivity", vectors, "--model", f"python:{model}:factory", "--out", tmp_path / "r")
    done = mmaudit(*words_, "--corruptions", "vector/gaussian_noise")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Trust follows quality in a, b.")
    path = tmp_path / "r" / "adaptivity" / "summary.parquet"
    before = path.read_bytes()
    again = mmaudit(*words_, "--corruptions", "vector/gaussian_noise", "--resume")
    assert again.returncode == 0, again.stderr
    assert path.read_bytes() == before
    told = provenance(parquet.read_schema(path).metadata)
    assert "Trust is told by the model's own fusion weights." in told.notes
