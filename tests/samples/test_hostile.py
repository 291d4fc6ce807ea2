"""Inputs that are not what they claim: each is a clear refusal or a row of ``skipped``."""

import csv
import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.kinds import image
from mmaudit.kinds.audio import encode
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

PNG = image.encode(np.zeros((30, 40, 3), np.uint8))
WAV = encode(np.zeros((100, 1), np.float32), 8000)


def mp3():
    soundfile = pytest.importorskip("soundfile")
    file = io.BytesIO()
    soundfile.write(file, np.zeros(8000), 8000, format="MP3")
    return file.getvalue()


def manifest(folder, path, modality, target=None, **source):
    told = {"source": {"path": path} | source, "modality": modality, "target": target}
    return Manifest.model_validate(told).placed(folder)


def of_rows(folder, header, rows, modality, target=None, **source):
    with (folder / "data.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return data.open(manifest(folder, "data.csv", modality, target, id="id", **source))


def of_columns(folder, columns, modality, target=None, **source):
    parquet.write_table(pa.table(columns), folder / "data.parquet")
    return data.open(manifest(folder, "data.parquet", modality, target, **source))


IMAGE = {"image": {"kind": "image", "column": "file"}}
AUDIO = {"audio": {"kind": "audio", "column": "file"}}
TEXT = {"text": {"kind": "text", "column": "text"}}
VECTOR = {"x": {"kind": "vector", "column": "x"}}
CLASS = {"column": "label", "kind": "class", "classes": ["a", "b"]}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../secret.png", "leaves the dataset's folder"),
        ("/etc/hostname", "an absolute path"),
        ("https://example.org/a.png", "a URL is not read"),
        ("link.png", "leaves the dataset's folder"),
        ("gone.png", "No such file"),
        ("cut.png", "not a whole PNG"),
        ("cut.jpg", "not a whole JPEG"),
        ("empty.png", "empty file"),
        ("text.png", "not a JPEG, PNG"),
        ("large.png", "more than max_bytes"),
        ("wide.png", "more than max_pixels"),
    ],
)
def test_a_bad_picture_is_skipped_with_its_reason_and_the_others_are_not(tmp_path, name, why):
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "link.png").symlink_to("../secret.png")
    wide = image.encode(np.zeros((10, 400, 3), np.uint8))
    noise = image.encode(np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8))
    files = {"good.png": PNG, "cut.png": PNG[:-20], "cut.jpg": image.encode(np.zeros((9, 9, 3), np.uint8), "jpeg")[:300]}  # fmt: skip
    files |= {"empty.png": b"", "text.png": b"hello", "large.png": noise, "wide.png": wide}
    for file, content in files.items():
        (folder / file).write_bytes(content)
    rows = [["1", "good.png"], ["2", name], ["3", ""], ["4", "good.png"]]
    dataset = of_rows(folder, ["id", "file"], rows, IMAGE, max_pixels=1200, max_bytes=1000)
    samples = decode(dataset, dataset.read(range(4)))
    assert samples.ids == ["1", "3", "4"]
    assert samples.present["image"].tolist() == [True, False, True]
    (skipped,) = samples.skipped
    assert (skipped.id, skipped.modality) == ("2", "image")
    assert why in skipped.reason


def test_a_png_called_jpg_is_a_picture(tmp_path):
    (tmp_path / "a.jpg").write_bytes(PNG)
    dataset = of_rows(tmp_path, ["id", "file"], [["1", "a.jpg"]], IMAGE)
    assert not decode(dataset, dataset.read([0])).skipped


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (mp3, "wav by its name, MP3 by its bytes"),
        (lambda: WAV[:-50], "not a whole WAV"),
        (lambda: PNG, "not a WAV"),
    ],
)
def test_a_bad_recording_is_skipped_with_its_reason(tmp_path, content, why):
    (tmp_path / "good.wav").write_bytes(WAV)
    (tmp_path / "bad.wav").write_bytes(content())
    rows = [["1", "good.wav"], ["2", "bad.wav"], ["3", "good.wav"]]
    dataset = of_rows(tmp_path, ["id", "file"], rows, AUDIO)
    samples = decode(dataset, dataset.read(range(3)))
    assert samples.ids == ["1", "3"]
    assert why in samples.skipped[0].reason


def test_a_bytes_cell_over_the_limit_is_skipped(tmp_path):
    columns = {"file": [PNG, PNG + b"x" * 2000]}
    dataset = of_columns(tmp_path, columns, IMAGE, max_bytes=1000)
    samples = decode(dataset, dataset.read(range(2)))
    assert [s.id for s in samples.skipped] == ["data.parquet:1"]


def test_ids_that_repeat_are_refused_with_both_places(tmp_path):
    with pytest.raises(InputError, match="the id 'b' is there more") as caught:
        of_rows(tmp_path, ["id", "text"], [["a", "x"], ["b", "x"], ["b", "x"]], TEXT)
    path = tmp_path / "data.csv"
    assert caught.value.where == f"{path}:3 and {path}:4"


@pytest.mark.parametrize(
    "ids", [["a", None, "c"], ["a", "", "c"], [1.0, float("nan"), 3.0], [1.0, 1.5, 2.0]]
)
def test_an_id_that_is_missing_or_no_id_is_refused_with_its_place(tmp_path, ids):
    with pytest.raises(InputError, match="'id'") as caught:
        of_columns(tmp_path, {"id": ids, "text": ["x"] * 3}, TEXT, id="id")
    assert caught.value.where.endswith("data.parquet row 1")


def test_whole_numbers_are_ids_also_as_floats(tmp_path):
    dataset = of_columns(tmp_path, {"id": [1.0, 2.0], "text": ["x"] * 2}, TEXT, id="id")
    assert dataset.column("id").to_pylist() == ["1", "2"]


def test_a_label_outside_the_classes_is_refused_with_its_place(tmp_path):
    rows = [["1", "x", "a"], ["2", "x", "c"]]
    with pytest.raises(InputError, match="column 'label' holds 'c'") as caught:
        of_rows(tmp_path, ["id", "text", "label"], rows, TEXT, CLASS)
    assert caught.value.where.endswith("data.csv:3")


def test_one_label_of_several_outside_the_classes_is_refused(tmp_path):
    rows = [["1", "x", "a|b"], ["2", "x", "b|c"]]
    target = CLASS | {"kind": "multilabel"}
    with pytest.raises(InputError, match="column 'label' holds 'c'") as caught:
        of_rows(tmp_path, ["id", "text", "label"], rows, TEXT, target)
    assert caught.value.where.endswith("data.csv:3")


def test_a_missing_label_is_skipped_with_its_reason(tmp_path):
    rows = [["1", "x", "a"], ["2", "x", ""]]
    dataset = of_rows(tmp_path, ["id", "text", "label"], rows, TEXT, CLASS)
    (skipped,) = decode(dataset, dataset.read(range(2))).skipped
    assert (skipped.id, skipped.modality) == ("2", "target")


def test_text_among_numbers_to_predict_is_refused_with_its_place(tmp_path):
    rows = [["1", "x", "0.5"], ["2", "x", "high"]]
    with pytest.raises(InputError, match="'high', which is not a number") as caught:
        of_rows(tmp_path, ["id", "text", "y"], rows, TEXT, {"column": "y", "kind": "number"})
    assert caught.value.where.endswith("data.csv:3")


def test_vectors_of_different_lengths_are_skipped(tmp_path):
    columns = {"x": [[1.0, 2.0], [3.0], [4.0, 5.0], None]}
    dataset = of_columns(tmp_path, columns, VECTOR)
    samples = decode(dataset, dataset.read(range(4)))
    assert [s.reason for s in samples.skipped] == ["has 1 numbers, others have 2"]
    assert samples.present["x"].tolist() == [True, True, False]


def test_a_number_column_of_mixed_types_is_skipped_by_cell(tmp_path):
    modality = {"t": {"kind": "table", "columns": ["age"]}}
    dataset = of_rows(tmp_path, ["id", "age"], [["1", "30"], ["2", "old"]], modality)
    (skipped,) = decode(dataset, dataset.read(range(2))).skipped
    assert "column 'age' holds 'old', not a number" in skipped.reason


def test_an_empty_dataset_is_refused(tmp_path):
    with pytest.raises(InputError, match="no rows"):
        of_rows(tmp_path, ["id", "text"], [], TEXT)
    with pytest.raises(InputError, match="no rows"):
        of_columns(tmp_path, {"text": pa.array([], pa.string())}, TEXT)


def test_a_column_that_can_hold_no_media_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'file' of modality\.image holds neither") as caught:
        of_columns(tmp_path, {"file": [1, 2]}, IMAGE)
    assert caught.value.where.endswith("data.parquet")
