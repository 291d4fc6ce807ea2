"""A whole dataset made worse: what is written, and that it can be made again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

import keypad_like
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.injection.options import CorruptOptions, How, from_keys, from_recipe
from mmaudit.injection.prepare import UnitSize, unit_rows
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.values import corrupt_value
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

ALL = (
    "image/gaussian_noise:2",
    "text/keyboard:4",
    "audio/white_noise:3",
    "series/drift:3",
    "table/category_flip:5",
    "vector/dropout:3",
    "missing/mcar:1",
    "pairing/shuffle:3@caption",
    "label/symmetric:2",
)


def run(dataset, out, apply=ALL, **more):
    how = {k: more.pop(k) for k in ("workers", "resume", "max_skipped", "quiet") if k in more}
    how = {"quiet": True, **how}
    return corrupt_dataset(dataset, out, CorruptOptions(apply=apply, **more), **how)


def samples(path):
    dataset = open_dataset(path)
    return dataset, decode(dataset, dataset.read(range(len(dataset))))


def ledger(out):
    return store.read(out / "ledger.parquet").to_pandas()


@pytest.fixture(scope="module")
def done(everything, tmp_path_factory):
    out = tmp_path_factory.mktemp("done") / "out"
    run(everything, out)
    return out


def test_it_opens_again_and_is_the_same_dataset_but_worse(everything, done):
    before, clean = samples(everything)
    after, worse = samples(done)
    assert after.kinds == before.kinds
    assert after.classes == before.classes
    assert after.column("id").equals(before.column("id"))
    assert after.column("slice:site").equals(before.column("slice:site"))
    assert after.column("group").equals(before.column("group"))
    assert not worse.skipped
    for name in before.modalities:
        pairs = zip(clean.values[name], worse.values[name], strict=True)
        changed = sum(b is not None and not np.array_equal(a, b) for a, b in pairs)
        assert changed > 10, name


def test_the_ledger_says_what_was_done(everything, done):
    told = ledger(done)
    n = 60
    assert list(told.columns) == [
        "id",
        "modality",
        "corruption",
        "severity",
        "parameters",
        "applied",
        "changed",
        "dose_name",
        "dose",
    ]
    assert len(told) == n * (7 + 6 + 1 + 1)  # pictures have two doses
    _, clean = samples(everything)
    _, worse = samples(done)
    lost = told[told.corruption == "missing/mcar"]
    there = {m: np.array([v is not None for v in worse.values[m]]) for m in clean.values}
    for name, values in clean.values.items():
        gone = np.array([v is not None for v in values]) & ~there[name]
        assert (lost[lost.modality == name].applied.to_numpy() == gone).all()
    labels = told[told.corruption == "label/symmetric"]
    assert (labels.applied.to_numpy() == (clean.labels != worse.labels)).all()
    assert labels.applied.sum() == 12
    mixed = told[told.corruption == "pairing/shuffle"]
    assert abs(mixed.applied.sum() - 18) <= 5  # some of the chosen lost their text before
    assert (told.dose.isna() == ~told.applied).all()
    assert (told.severity.eq(0) == ~told.applied).all()
    assert json.loads(told[told.corruption == "audio/white_noise"].parameters.iloc[0]) == {
        "snr_db": 10.0
    }


def test_the_card_says_how(done):
    told = json.loads((done / "card.json").read_text())
    assert [s["part"] for s in told["steps"]] == [a.partition(":")[0] for a in ALL]
    assert all(s["version"] >= 1 for s in told["steps"])
    masked = told["steps"][6]["realised"]
    assert masked["cell_rate"] == pytest.approx(0.1, abs=0.02)
    assert set(masked) == {
        "taken",
        "cell_rate",
        "row_rate",
        "complete",
        "empty",
        "modality_rates",
        "patterns",
    }
    assert told["steps"][8]["realised"]["wrong"] == 0.2
    assert not any("time" in key or "date" in key for key in told)


def test_a_value_is_that_of_the_python_function(everything, done):
    _, clean = samples(everything)
    _, worse = samples(done)
    for i in range(0, 60, 7):
        if worse.values["feature"][i] is None:
            continue
        alone = corrupt_value(
            clean.values["feature"][i],
            "vector/dropout",
            severity=3,
            id=clean.ids[i],
            modality="feature",
        )
        assert (alone == worse.values["feature"][i]).all()


def test_same_bytes_for_workers_and_order_of_rows(everything, done, tmp_path):
    run(everything, tmp_path / "two", workers=2)
    for path in sorted(done.rglob("*.parquet")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(done)).read_bytes()
    table = pq.read_table(everything.parent / "data.parquet")
    order = np.random.default_rng(0).permutation(60)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    pq.write_table(table.take(order), mixed / "data.parquet")
    (mixed / "dataset.toml").write_text(everything.read_text())
    shuffled = run(mixed / "dataset.toml", tmp_path / "three")
    assert shuffled.card["content"] == json.loads((done / "card.json").read_text())["content"]


def test_a_unit_has_fewer_samples_where_they_are_heavy(everything):
    dataset = open_dataset(everything)
    size = sum(dataset.cells(m, range(16)).nbytes for m in ("camera", "sound")) / 16
    assert unit_rows(dataset, UnitSize(content=int(size * 5000))) == 2048
    assert unit_rows(dataset, UnitSize(content=int(size * 40))) in {39, 40}


def test_what_is_not_touched_stays_byte_for_byte(everything, tmp_path):
    run(everything, tmp_path / "out", ("image/brightness:3",), fraction=0.25)
    before = open_dataset(everything).cells("camera", range(60)).to_pylist()
    after = open_dataset(tmp_path / "out").cells("camera", range(60)).to_pylist()
    same = [a["bytes"] == b["bytes"] for a, b in zip(before, after, strict=True)]
    told = ledger(tmp_path / "out")
    told = told[told.dose_name == "ssim"]
    assert sum(same) == 45
    assert (told.applied.to_numpy() == ~np.array(same)).all()
    forms = [b["bytes"][:3] for b in after]
    assert forms[1::2] == [b"\xff\xd8\xff"] * 30  # a JPEG stays a JPEG


def test_fractions_are_exact_and_nested(everything, tmp_path):
    hit = []
    for fraction in (0.1, 0.5):
        out = tmp_path / str(fraction)
        run(everything, out, ("vector/sign_flip:3",), fraction=fraction)
        hashes = store.read(out / "hashes.parquet").to_pandas()
        hit.append(set(hashes[hashes.modality == "feature"].sha256))
    told = ledger(tmp_path / "0.5")
    assert told.severity.gt(0).sum() <= 30
    assert len(hit[0] & hit[1]) >= 30


def test_severities_of_each_sample_are_drawn_and_recorded(everything, tmp_path):
    run(everything, tmp_path / "out", ("series/drift:1",), severity_per_sample=True)
    told = ledger(tmp_path / "out")
    assert set(told.severity) == {1, 2, 3, 4, 5}
    by = told.groupby("severity").dose.mean()
    assert by.is_monotonic_increasing
    sd = {s: json.loads(p)["sd"] for s, p in zip(told.severity, told.parameters, strict=True)}
    assert sd == {1: 0.25, 2: 0.5, 3: 1.0, 4: 1.5, 5: 2.0}


def test_steps_compose_in_their_order(everything, tmp_path):
    """A value that was moved was made worse as its donor's, before; as its own, after."""
    run(everything, tmp_path / "a", ("vector/sign_flip:5", "pairing/shuffle:5@feature"))
    run(everything, tmp_path / "b", ("pairing/shuffle:5@feature", "vector/sign_flip:5"))
    _, clean = samples(everything)
    told = ledger(tmp_path / "a")
    moved = told[told.corruption == "pairing/shuffle"]
    index = {id_: i for i, id_ in enumerate(clean.ids)}
    for folder, key in (("a", "donor"), ("b", "self")):
        _, worse = samples(tmp_path / folder)
        for i, parameters in enumerate(moved.parameters):
            donor = index[json.loads(parameters)["donor"]]
            if clean.values["feature"][donor] is None:
                assert worse.values["feature"][i] is None
                continue
            as_ = clean.ids[donor] if key == "donor" else clean.ids[i]
            expected = corrupt_value(
                clean.values["feature"][donor],
                "vector/sign_flip",
                severity=5,
                id=as_,
                modality="feature",
            )
            assert (worse.values["feature"][i] == expected).all()


def test_verify_says_whether_the_bytes_match(everything, tmp_path):
    out = tmp_path / "out"
    run(everything, out, ("vector/dropout:3", "missing/mcar:2", "image/gaussian_noise:1"))
    same, lines = verify(out / "card.json")
    assert same, lines
    victim = out / "data" / "000000.parquet"
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    same, lines = verify(out / "card.json")
    assert not same
    assert "data/000000.parquet" in lines[0]
    victim.unlink()
    assert "is not there" in verify(out / "card.json")[1][0]


def test_verify_notices_that_the_same_options_make_other_bytes(everything, tmp_path):
    out = tmp_path / "out"
    run(everything, out, ("vector/dropout:3",))
    card = out / "card.json"
    card.write_text(card.read_text().replace('"seed": 0', '"seed": 1'))
    same, lines = verify(card)
    assert not same
    assert "feature of row" in lines[0]


def test_verify_refuses_other_data(tmp_path):
    path = keypad_like.write(tmp_path / "data", n=12)
    run(path, tmp_path / "out", ("vector/dropout:3",))
    table = pq.read_table(path.parent / "data.parquet")
    pq.write_table(table.slice(1), path.parent / "data.parquet")
    with pytest.raises(InputError, match="not what the card was made from"):
        verify(tmp_path / "out" / "card.json")


def test_unreadable_values_are_listed_and_count(tmp_path):
    path = keypad_like.write(tmp_path / "data", n=12, broken={3, 5})
    with pytest.raises(IncompleteError, match="2 values could not be read"):
        run(path, tmp_path / "out", ("image/fog:3",))
    lost = store.read(tmp_path / "out" / "skipped.parquet").to_pylist()
    assert [s["id"] for s in lost] == ["row3", "row5"]
    done = run(path, tmp_path / "allowed", ("image/fog:3",), max_skipped=2)
    assert done.card["skipped"] == 2


@pytest.mark.parametrize(
    ("apply", "says"),
    [
        (("vector/dropout:3@caption",), "is for vector"),
        (("vector/dropout:3@nothing",), "no modality"),
        (("label/symmetric:1@camera",), "concerns labels"),
        (("vector/dropout:1", "vector/dropout:2"), "twice"),
        ((), "nothing is to be applied"),
    ],
)
def test_what_cannot_mean_anything_is_refused(everything, tmp_path, apply, says):
    with pytest.raises(UsageError, match=says):
        run(everything, tmp_path / "out", apply)
    assert not (tmp_path / "out" / "card.json").exists()


def test_a_fraction_of_a_plan_is_refused(everything, tmp_path):
    with pytest.raises(UsageError, match="rates instead"):
        run(everything, tmp_path / "out", ("missing/mcar",), fraction=0.5)


def test_a_folder_that_holds_something_is_left_alone(everything, tmp_path, done):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        run(everything, tmp_path)
    with pytest.raises(UsageError, match="not empty"):
        run(everything, done)
    with pytest.raises(UsageError, match="other options"):
        run(everything, done, ("vector/dropout:3",), resume=True)


@pytest.mark.parametrize("form", ["parquet", "folder"])
@pytest.mark.parametrize("removed", range(3))
def test_who_is_killed_while_parts_are_removed_is_resumed(
    everything, tmp_path, form, removed, monkeypatch, capfd
):
    """Whatever of them is gone, what was written is whole, and nothing else stays."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(everything, whole, format=form)
    rmtree, done = shutil.rmtree, []

    def killed(path):
        if len(done) == removed:
            raise KeyboardInterrupt
        done.append(path)
        rmtree(path)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            run(everything, out, format=form)
    with pytest.raises(UsageError, match="interrupted run"):
        run(everything, out, format=form)
    for _ in range(2):  # what is finished stays so
        run(everything, out, format=form, resume=True, quiet=False)
        assert "is finished" in capfd.readouterr().err
        trees = [
            {p.relative_to(top): p.read_bytes() for p in top.rglob("*") if p.is_file()}
            for top in (whole, out)
        ]
        assert trees[0] == trees[1]


KILLED = """
import sys
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.prepare import UnitSize
from mmaudit.injection.run import corrupt_dataset
options, size = CorruptOptions(apply=tuple(sys.argv[4:])), UnitSize(content=1, fewest=1)
corrupt_dataset(sys.argv[1], sys.argv[2], options, quiet=True, resume=sys.argv[3] == "resume", size=size)
"""


def test_a_killed_run_goes_on_to_the_same_bytes(everything, tmp_path):
    def start(out, how):
        return subprocess.Popen(
            [sys.executable, "-c", KILLED, str(everything), str(out), how, *ALL]
        )

    assert start(tmp_path / "whole", "new").wait() == 0
    killed = tmp_path / "killed"
    process = start(killed, "new")
    deadline = time.monotonic() + 60
    while not list(killed.glob("data/0*.parquet")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = len(list(killed.glob("data/0*.parquet")))
    assert left > 0
    if not (killed / "card.json").exists():
        with pytest.raises(UsageError, match="interrupted run"):
            run(everything, killed)
        assert start(killed, "resume").wait() == 0
    names = {p.relative_to(killed) for p in killed.rglob("*") if p.is_file()}
    assert names == {
        p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*") if p.is_file()
    }
    for name in names:
        assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_recipe_is_the_same_options(everything, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'apply = ["vector/dropout:3"]\nseed = 4\nfraction = 0.5\nworkers = 2\npreview = "s.png"\n'
    )
    chosen = CorruptOptions(apply=("vector/dropout:3",), seed=4, fraction=0.5)
    assert from_recipe(recipe) == (chosen, How(workers=2, preview=str(tmp_path / "s.png")))
    assert from_recipe(recipe, seed=9, workers=1)[0].seed == 9
    assert from_recipe(recipe, seed=9, workers=1)[1].workers == 1
    assert from_recipe(None, apply=("image/fog",)) == (CorruptOptions(apply=("image/fog",)), How())
    recipe.write_text('appply = ["vector/dropout:3"]\n')
    with pytest.raises(UsageError, match="appply") as refusal:
        from_recipe(recipe)
    assert refusal.value.fix == "apply"
    recipe.write_text('apply = "vector/dropout"\nworkers = "many"\n')
    with pytest.raises(UsageError, match="workers cannot be 'many'"):
        from_recipe(recipe)
    with pytest.raises(UsageError, match="fraction cannot be"):
        from_keys({"apply": ["vector/dropout"], "fraction": "half"})
    with pytest.raises(InputError):
        from_recipe(tmp_path / "nowhere.toml")
