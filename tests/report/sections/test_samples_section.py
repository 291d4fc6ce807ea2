"""The browser's data: what a byte means, what is joined, and what is left out."""

import base64
import gzip
import json
import struct

import numpy as np
import pyarrow as pa

import contests
import run_folders
from mmaudit.report.read import read
from mmaudit.report.sections import packed, samples
from mmaudit.report.sections.calibration import bins
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance


def unpacked(text):
    return gzip.decompress(base64.b64decode(text))


def data(run):
    return json.loads(samples.browser(read(run)).data)


def by_name(told, kind="columns"):
    return {c["name"]: c for c in told[kind]}


def test_a_byte_is_a_percentage_and_whether_it_was_right():
    p = pa.chunked_array([pa.array([0.0, 0.254], pa.float32()), pa.array([1.0], pa.float32())])
    made = packed.answers(p, pa.chunked_array([[False, True, True]]))
    assert list(made) == [0, 25 + 128, 100 + 128]


def test_columns_take_the_form_that_fits():
    few = packed.column("x", "", pa.chunked_array([["b", None, "a", "b"]]))
    assert (few["kind"], few["values"]) == ("code", ["", "b", "a"])
    assert list(unpacked(few["data"])) == [1, 0, 2, 1]
    many = packed.column("x", "", pa.chunked_array([[str(i) for i in range(300)]]))
    assert many["kind"] == "text"
    assert json.loads(unpacked(many["data"]))[299] == "299"
    numbers = packed.column("x", "", pa.chunked_array([[1.5, None]]))
    assert numbers["kind"] == "number"
    value, gone = struct.unpack("<2f", unpacked(numbers["data"]))
    assert value == 1.5
    assert np.isnan(gone)
    flags = packed.column("x", "", pa.chunked_array([[True, False]]))
    assert struct.unpack("<2f", unpacked(flags["data"])) == (1.0, 0.0)


def test_slices_of_a_table_are_packed_from_where_they_start():
    values = pa.array(range(10), pa.uint8()).slice(4, 3)
    assert list(packed.raw(values)) == [4, 5, 6]


def test_every_sample_is_there_with_its_answers(tmp_path):
    told = data(run_folders.make(tmp_path / "r", samples=40))
    ids = json.loads(unpacked(by_name(told)["id"]["data"]))
    assert ids == [f"s{i:06d}" for i in range(40)]
    conditions = by_name(told, "conditions")
    assert list(conditions)[:2] == ["clean data", "motion blur on image, severity 5"]
    assert [c["key"] for c in told["conditions"][:2]] == ["clean", "image/motion_blur:5@image"]
    clean = np.frombuffer(unpacked(conditions["clean data"]["data"]), np.uint8)
    table = store.read(tmp_path / "r" / "robustness" / "samples" / "00000.parquet")
    rows = [r for r in table.to_pylist() if r["condition"] == "clean"]
    for i, row in enumerate(rows):
        assert clean[i] >> 7 == row["correct"]
        assert abs((clean[i] & 127) / 100 - row["p_true"]) <= 0.0051
    wrong = np.frombuffer(unpacked(conditions["clean data"]["wrong"]), np.uint16)
    for i, row in enumerate(rows):
        answer = told["classes"][wrong[i] - 1] if wrong[i] else None
        assert answer == (None if row["correct"] else row["prediction"])


def test_other_audits_join_by_id(tmp_path):
    run = run_folders.noisy(run_folders.make(tmp_path / "r", samples=10))
    fields = [
        pa.field("id", pa.string()),
        pa.field("lfdr", pa.float64(), metadata={"help": "how bad"}),
    ]
    schema = pa.schema(fields, Provenance(audit="noisy_pairs").metadata())
    rows = [{"id": f"s{i:06d}", "lfdr": i / 10} for i in (3, 1, 2)]
    store.write(
        pa.Table.from_pylist(rows, schema), run / "noisy_pairs" / "samples" / "000000.parquet"
    )
    column = by_name(data(run))["lfdr"]
    assert (column["audit"], column["help"]) == ("noisy_pairs", "noisy_pairs: how bad")
    values = struct.unpack("<10f", unpacked(column["data"]))
    assert np.allclose(values[1:4], [0.1, 0.2, 0.3])
    assert np.isnan(values[0])


def test_a_run_without_samples_has_no_browser(tmp_path):
    assert samples.browser(read(run_folders.make(tmp_path / "r"))) is None


def test_what_is_left_out_is_said(tmp_path):
    run = read(run_folders.make(tmp_path / "r", samples=30))
    whole = samples.browser(run)
    assert whole.notes == ()
    part = samples.browser(run, most_rows=20, most_conditions=3)
    assert part.rows == 20
    assert "The first 20 of 30 samples" in part.notes[0]
    assert "7 of 10 conditions" in part.notes[1]


def test_the_hardest_samples_stand_in_on_paper(tmp_path):
    table = samples.browser(read(run_folders.make(tmp_path / "r", samples=80))).hardest
    assert len(table.rows) == 50
    chances = [row[3].sort for row in table.rows]
    assert chances == sorted(chances)


def test_bins_of_confidence_by_hand():
    sure = pa.chunked_array([[0.0, 0.5, 0.52, 1.0, 0.99]])
    right = pa.chunked_array([[False, True, False, True, True]])
    made = bins(sure, right)
    assert [(b.accuracy, b.n) for b in made] == [(0.0, 1), (0.5, 2), (1.0, 2)]
    assert made[1].confidence == 0.51


def test_answers_of_several_models_are_not_those_of_the_samples(tmp_path):
    """Methods answer for every sample under every condition: beside a sweep, and alone."""
    folder = run_folders.make(tmp_path / "r", samples=40)
    own = [c["name"] for c in data(folder)["columns"]]
    for run in (folder, tmp_path / "alone"):
        contests.contest(run, {"dynamic/tmc": 0.1})
        said = {"method": ["a", "b"] * 80, "condition": ["clean"] * 160, "correct": [1.0] * 160}
        ids = pa.array([f"s{i // 4:04d}" for i in range(160)])
        table = pa.table({"id": ids, **said}).replace_schema_metadata(run_folders.MADE.metadata())
        store.write(table, run / "remedies" / "samples" / "000000.parquet")
    beside = data(folder)
    assert beside["rows"] == 40
    assert [c["name"] for c in beside["columns"]] == own
    assert samples.browser(read(tmp_path / "alone")) is None
