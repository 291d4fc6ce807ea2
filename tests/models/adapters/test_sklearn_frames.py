"""Estimators that were fitted on frames: columns reach them by the names of the source."""

import json
import zipfile

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from command import mmaudit
from loading import load
from mmaudit.errors import InputError, UsageError
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode, stack
from mmaudit.samples.origin import origins

N = 60
MANIFEST = """
schema = 1
[source]
path = "visits.csv"
id = "id"
[modality.visit]
kind = "table"
columns = ["age", "dose", "ward"]
categorical = ["ward"]
[modality.note]
kind = "text"
column = "note"
[target]
column = "outcome"
kind = "class"
"""


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("visits"), np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "id": [f"v{i:02}" for i in range(N)],
            "age": rng.integers(20, 90, N).astype(float),
            "dose": rng.normal(size=N).round(3),
            "ward": rng.choice(["a", "b", "c"], N),
            "note": rng.choice(["much better", "no change", "worse again"], N),
        }
    )
    frame.loc[::7, "age"] = np.nan
    frame.loc[::9, "ward"] = None
    frame["outcome"] = np.where(frame["dose"] + (frame["note"] == "much better") > 0.5, "up", "no")
    frame.to_csv(folder / "visits.csv", index=False)
    (folder / "d.toml").write_text(MANIFEST)
    return folder, pd.read_csv(folder / "visits.csv")


def pipeline(numbers, categories, note, x, y):
    """One pipeline over columns of a table and a text."""
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("ward", OneHotEncoder(handle_unknown="ignore"), categories),
            ("note", TfidfVectorizer(), note),
        ]
    )
    return make_pipeline(columns, LogisticRegression()).fit(x, y)


def asked(folder, spec, **values):
    """A model that knows the columns of the dataset, and the dataset's values."""
    whole = data.open(folder / "d.toml")
    samples = decode(whole, whole.read(range(len(whole))))
    loaded = load(spec, origins=origins(whole), **values)
    columns = samples.values  # noqa: PD011  no frame
    batch = {m: stack(columns[m], whole.kinds[m]) for m in loaded.info.modalities}
    return loaded, batch, samples.present


@pytest.mark.parametrize("form", ["skops", "joblib"])
def test_one_pipeline_over_a_table_and_a_text_answers_as_it_does_by_itself(visits, form, tmp_path):
    folder, frame = visits
    x = frame[["note", "dose", "age", "ward"]]  # in another order than the manifest has them
    model = pipeline(["age", "dose"], ["ward"], "note", x, frame["outcome"])
    file = tmp_path / f"m.{form}"
    (skops.io if form == "skops" else joblib).dump(model, file)
    loaded, batch, present = asked(
        folder, f"sklearn:{file},modalities=visit,note", trust=form == "joblib"
    )
    got = loaded.model.scores(batch, present)
    np.testing.assert_allclose(got, model.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize("by", ["name", "number", "mask"])
def test_columns_that_a_pipeline_was_fitted_beside_are_not_asked_for(visits, by, tmp_path):
    """The whole frame was handed over, with ids and labels, of which it takes nothing."""
    folder, frame = visits
    x, names = frame.assign(site=1.0), [*frame.columns, "site"]
    places = {
        "name": (["age", "dose"], ["ward"], "note"),
        "number": ([1, 2], [3], 4),
        "mask": (slice(1, 3), [n == "ward" for n in names], "note"),
    }
    model = pipeline(*places[by], x, frame["outcome"])
    skops.io.dump({"estimator": model, "modalities": ["visit", "note"]}, tmp_path / "m.skops")
    loaded, batch, present = asked(folder, f"sklearn:{tmp_path / 'm.skops'}", trust=True)
    got = loaded.model.scores(batch, present)
    np.testing.assert_allclose(got, model.predict_proba(x), atol=1e-6)


def test_columns_by_number_are_those_of_the_manifest_side_by_side(visits, tmp_path):
    folder, frame = visits
    x = frame[["age", "dose", "ward", "note"]].to_numpy()
    model = pipeline([0, 1], [2], 3, x, frame["outcome"])
    held = {"estimator": model, "modalities": ["visit", "note"]}
    skops.io.dump(held, tmp_path / "m.skops")
    loaded, batch, present = asked(folder, f"sklearn:{tmp_path / 'm.skops'}")
    got = loaded.model.scores(batch, present)
    some = frame["ward"].notna().to_numpy()  # None by number, NaN by name: other categories
    np.testing.assert_allclose(got[some], model.predict_proba(x)[some], atol=1e-6)


def test_the_command_knows_the_columns_and_is_quiet(visits, tmp_path):
    folder, frame = visits
    x = frame[["dose", "age"]]
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(x, frame["outcome"])
    skops.io.dump({"visit": model}, tmp_path / "m.skops")
    words = ("--corruptions", "table/drop_entry", "--severities", "1", "--replicates", "100")
    spec = f"sklearn:{tmp_path / 'm.skops'}"
    ended = mmaudit("robustness", folder / "d.toml", "--model", spec, "--out", tmp_path, *words)
    assert ended.returncode == 0, ended.stderr
    assert f"Clean accuracy is {model.score(x, frame['outcome']):.3f}" in ended.stdout
    assert "Warning" not in ended.stderr


def test_a_column_that_the_dataset_lacks_is_named(visits, tmp_path):
    folder, frame = visits
    x = frame[["dose"]].rename(columns={"dose": "dosage"})
    skops.io.dump({"visit": LogisticRegression().fit(x, frame["outcome"])}, tmp_path / "m.skops")
    loaded, batch, _ = asked(folder, f"sklearn:{tmp_path / 'm.skops'}")
    with pytest.raises(InputError, match=r"'dosage', and the dataset has age, dose, ward") as no:
        loaded.model.encode("visit", batch["visit"])
    assert "manifest" in no.value.fix


def test_without_a_dataset_columns_by_name_are_refused(tmp_path):
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["age", "dose"])
    named = ColumnTransformer([("numbers", StandardScaler(), ["age", "dose"])])
    model = make_pipeline(named, LogisticRegression()).fit(x, x["age"] > 0)
    skops.io.dump({"estimator": model, "modalities": ["visit"]}, tmp_path / "m.skops")
    loaded = load(f"sklearn:{tmp_path / 'm.skops'}")
    with pytest.raises(InputError, match="cannot take these values: Specifying the columns"):
        loaded.model.scores({"visit": x.to_numpy()}, {"visit": np.ones(20, bool)})


def test_a_number_type_that_is_read_in_another_way_than_skops_writes_it_needs_trust(tmp_path):
    plain, forged = tmp_path / "plain.skops", tmp_path / "forged.skops"
    x = pd.DataFrame({"ward": ["a", "b"] * 10})
    skops.io.dump({"t": make_pipeline(SimpleImputer(strategy="most_frequent")).fit(x)}, plain)
    with zipfile.ZipFile(plain) as archive, zipfile.ZipFile(forged, "w") as other:
        for name in archive.namelist():
            text = archive.read(name)
            if name == "schema.json":
                assert b"DTypeNode" in text
                text = json.dumps(_forged(json.loads(text))).encode()
            other.writestr(name, text)
    with pytest.raises(UsageError, match=r"does not trust: numpy\.dtype"):
        load(f"sklearn:{forged}")
    with pytest.raises(InputError, match="gives no probabilities"):  # it was opened
        load(f"sklearn:{plain}")


def _forged(entry):
    if isinstance(entry, list):
        return [_forged(one) for one in entry]
    if not isinstance(entry, dict):
        return entry
    if entry.get("__loader__") == "DTypeNode":
        return entry | {"__loader__": "ObjectNode"}
    return {key: _forged(value) for key, value in entry.items()}


def test_an_estimator_takes_the_one_modality_that_it_can(tmp_path):
    rows = {"id": list("abcdef"), "x": [1.0, 2, 3, 4, 5, 7], "y": [0.0, 1, 0, 1, 1, 0]}
    rows |= {"text": [f"a few words of {i}" for i in range(6)]}
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "dataset.toml").write_text(
        '[source]\npath = "rows.csv"\nid = "id"\n[modality.text]\nkind = "text"\ncolumn = "text"\n'
        '[modality.one]\nkind = "table"\ncolumns = ["x"]\n'
        '[modality.two]\nkind = "table"\ncolumns = ["x", "y"]\n'
    )
    columns = origins(data.open(tmp_path / "dataset.toml"))
    labels = [0, 1] * 3
    fits = {
        ("two",): LogisticRegression().fit(frame[["x", "y"]].to_numpy(), labels),
        ("one",): LogisticRegression().fit(frame[["x"]].to_numpy(), labels),
    }
    for wanted, estimator in fits.items():
        assert load(estimator, origins=columns).info.modalities == wanted
    named = LogisticRegression().fit(frame[["y"]], labels)
    assert load(named, origins=columns).info.modalities == ("two",)
    each = make_pipeline(
        ColumnTransformer([("n", StandardScaler(), ["y"]), ("t", TfidfVectorizer(), "text")]),
        LogisticRegression(),
    )
    each.fit(frame[["y", "text"]], labels)
    assert load(each, origins=columns).info.modalities == ("text", "two")
    either = LogisticRegression().fit(frame[["x"]], labels)  # both tables have it
    with pytest.raises(UsageError, match="the dataset has text, one, two") as refused:
        load(either, origins=columns)
    assert '{"estimator": it, "modalities"' in refused.value.fix
