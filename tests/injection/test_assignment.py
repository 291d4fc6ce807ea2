"""Subsets and patterns: every sample draws one of the corruptions that they stand for."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from mmaudit.corruptions.groups import NOISE, SUBSETS
from mmaudit.errors import UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.steps import resolve
from mmaudit.injection.torch_dataset import Corrupted
from mmaudit.injection.values import corrupt_value
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store


def run(dataset, out, *apply, **more):
    return corrupt_dataset(dataset, out, CorruptOptions(apply=apply, **more), quiet=True)


def ledger(out, dose="ssim"):
    told = store.read(out / "ledger.parquet").to_pandas()
    return told[told.dose_name == dose]


def clean(manifest):
    dataset = open_dataset(manifest)
    return decode(dataset, dataset.read(range(len(dataset))))


def test_every_sample_draws_one_of_a_subset(everything, tmp_path):
    done = run(everything, tmp_path / "out", "noise:4@camera")
    told = ledger(tmp_path / "out")
    assert told.id.tolist() == clean(everything).ids  # one row a sample
    assert set(told.corruption) == set(NOISE)
    assert told.applied.all()
    assert set(told.severity) == {4}
    assert [s["part"] for s in done.card["steps"]] == list(NOISE)
    assert {s["drawn_from"] for s in done.card["steps"]} == {"noise"}
    for step in done.card["steps"]:
        count = (told.corruption == step["part"]).sum()
        assert step["samples_by_severity"] == {"4": count}
        assert abs(count - 20) < 5 * np.sqrt(60 * 2 / 9)  # 5 standard errors
    assert verify(tmp_path / "out" / "card.json")[0]


def test_what_it_draws_is_what_the_corruption_alone_would_do(everything, tmp_path):
    run(everything, tmp_path / "out", "vector/*:3")
    told = store.read(tmp_path / "out" / "ledger.parquet").to_pandas()
    whole = clean(everything)
    after = clean(tmp_path / "out" / "dataset.toml")
    some = told[told.corruption.isin(["vector/dropout", "vector/sign_flip", "vector/block_erase"])]
    assert some.applied.sum() >= 5
    for id_, part in some[some.applied][["id", "corruption"]].to_numpy():
        at = whole.ids.index(id_)
        alone = corrupt_value(whole.values["feature"][at], part, id=id_, modality="feature")
        assert (after.values["feature"][at] == alone).all()
    there = [i for i, v in zip(whole.ids, whole.values["feature"], strict=True) if v is not None]
    assert told[told.applied].id.tolist() == there


def test_the_draw_follows_from_the_id_alone(everything, tmp_path):
    table = pq.read_table(everything.parent / "data.parquet")
    order = np.random.default_rng(0).permutation(60)
    pq.write_table(table.take(order), tmp_path / "data.parquet")
    (tmp_path / "dataset.toml").write_text(everything.read_text())
    one = run(everything, tmp_path / "one", "text/*:2")
    other = run(tmp_path / "dataset.toml", tmp_path / "other", "text/*:2")
    assert one.card["content"] == other.card["content"]
    seeded = run(everything, tmp_path / "seeded", "text/*:2", seed=1)
    assert one.card["content"] != seeded.card["content"]


def test_a_fraction_is_of_the_samples_not_of_each_corruption(everything, tmp_path):
    run(everything, tmp_path / "out", "weather:2", fraction=0.25, severity_per_sample=True)
    told = store.read(tmp_path / "out" / "ledger.parquet").to_pandas()
    assert told.groupby("id").applied.any().sum() == 15
    assert told[told.applied].severity.nunique() > 2


def test_training_draws_the_same(everything, tmp_path):
    run(everything, tmp_path / "out", "vector/*:3")
    after = clean(tmp_path / "out" / "dataset.toml").values["feature"]
    served = Corrupted(everything, ["vector/*:3"])
    for i in range(0, 60, 11):
        assert np.array_equal(served[i]["feature"], after[i])


def test_what_needs_a_folder_is_meant_by_its_own_name_alone(everything):
    names = {step.name for step in resolve(["audio/*"], open_dataset(everything))}
    assert "audio/white_noise" in names
    assert "audio/noise_file" not in names
    named = resolve(["common"], open_dataset(everything))
    assert tuple(step.name for step in named) == SUBSETS["common"]


@pytest.mark.parametrize(
    ("apply", "says", "fix"),
    [
        ("missing/m*:2", "missing/mar, missing/mcar", "missing/"),
        ("*/gaussian_noise", "image and series and table and vector", "image/gaussian_noise"),
        ("comon:3", "does not name a corruption", "subset"),
        ("image/fogg*", "no 'image/fogg", "image/fog"),
        ("noise:9", "not a severity", "0 to 5"),
        ("noise:3@caption", "is for image", "camera"),
    ],
)
def test_what_cannot_be_drawn_is_refused(everything, apply, says, fix):
    with pytest.raises(UsageError, match=says) as refusal:
        resolve([apply], open_dataset(everything))
    assert fix in refusal.value.fix
