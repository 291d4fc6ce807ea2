import os

import pytest

from mmaudit.errors import InputError
from mmaudit.manifest.readers import imagefolder


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def table(folder):
    reader = imagefolder.open((folder,))
    return {n: reader.column(n).to_pylist() for n in reader.schema.names}


def test_folders_are_classes(tmp_path):
    touch(tmp_path, "dog/b.JPG", "cat/a.png", "cat/notes.txt", "cat/.hidden.png")
    assert table(tmp_path) == {"file_name": ["cat/a.png", "dog/b.JPG"], "label": ["cat", "dog"]}


def test_folders_above_classes_are_splits(tmp_path):
    touch(tmp_path, "train/cat/a.png", "test/dog/b.png")
    found = table(tmp_path)
    assert found["split"] == ["test", "train"]
    assert found["label"] == ["dog", "cat"]


def test_what_lies_beside_splits_is_in_none_and_has_no_class(tmp_path):
    touch(tmp_path, "logo.png", "Train/cat/a.png", "TEST/dog/b.png", "unlabeled/c.png")
    columns = table(tmp_path)
    by_file = dict(zip(columns["file_name"], columns["split"], strict=True))
    assert by_file["logo.png"] is by_file["unlabeled/c.png"] is None
    assert (by_file["Train/cat/a.png"], by_file["TEST/dog/b.png"]) == ("Train", "TEST")
    assert [c for c in columns["label"] if c] == ["dog", "cat"]


def test_a_class_may_be_called_train(tmp_path):
    touch(tmp_path, "train/a.png", "plane/b.png")
    assert table(tmp_path)["label"] == ["plane", "train"]
    assert "split" not in table(tmp_path)


def test_a_folder_with_packed_files_alone_is_refused_with_what_to_do(tmp_path):
    touch(tmp_path, "notes.txt", "data.csv.gz")
    with pytest.raises(InputError, match="no data files, pictures or sounds") as refused:
        imagefolder.open((tmp_path,))
    assert refused.value.fix == "unpack data.csv.gz"


def test_files_without_folders_have_no_class(tmp_path):
    touch(tmp_path, "a.wav", "b.wav")
    assert table(tmp_path) == {"file_name": ["a.wav", "b.wav"]}
    assert imagefolder.open((tmp_path,)).features["file_name"].kind == "audio"


def test_metadata_in_folders_of_splits_is_one_source(tmp_path):
    for split in ("test", "train"):
        touch(tmp_path, f"{split}/x/a.png")
        (tmp_path / split / "metadata.csv").write_text("file_name,text\nx/a.png,hello\n,none\n")
    reader = imagefolder.open((tmp_path,))
    assert table(tmp_path) == {
        "file_name": ["test/x/a.png", None, "train/x/a.png", None],
        "text": ["hello", "none"] * 2,
        "split": ["test", "test", "train", "train"],
    }
    assert reader.place(3) == f"{tmp_path / 'train' / 'metadata.csv'}:3"


def test_two_metadata_files_are_refused(tmp_path):
    touch(tmp_path, "metadata.csv", "metadata.jsonl")
    with pytest.raises(InputError, match=r"both metadata\.csv and metadata\.jsonl"):
        imagefolder.open((tmp_path,))


def test_pictures_and_sounds_without_metadata_are_refused(tmp_path):
    touch(tmp_path, "a.png", "a.wav")
    with pytest.raises(InputError, match="both pictures and sounds"):
        imagefolder.open((tmp_path,))


def test_a_name_that_is_not_utf8_is_told(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system refuses such names")
    with pytest.raises(InputError, match="not UTF-8"):
        imagefolder.open((tmp_path,))
