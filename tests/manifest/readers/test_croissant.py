"""Croissant: what is described is read, what is not there or another file is refused."""

import json
from hashlib import sha256

import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data

CONTEXT = {"@language": "en", "cr": "http://mlcommons.org/croissant/"}
CSV = "text,y\na few plain words,cat\nand some others more,dog\n"


def field(name, column, resource="rows.csv"):
    source = {"fileObject": {"@id": resource}, "extract": {"column": column}}
    return {"@type": "cr:Field", "@id": f"records/{name}", "source": source}


def described(folder, **changes):
    """A table and its description, of which some entries differ."""
    (folder / "rows.csv").write_text(CSV)
    one = {"@type": "cr:FileObject", "@id": "rows.csv", "contentUrl": "rows.csv"}
    one |= {"sha256": sha256(CSV.encode()).hexdigest()} | changes.pop("file", {})
    fields = [field("note", "text"), field("label", "y")]
    entries = {"@context": CONTEXT, "distribution": [one]}
    entries["recordSet"] = [{"@id": "records", "field": fields}]
    (folder / "croissant.json").write_text(json.dumps(entries | changes))
    return folder


@pytest.mark.parametrize("url", ["rows.csv", "https://example.org/files/rows.csv"])
def test_fields_are_columns_by_their_own_names(tmp_path, url):
    dataset = data.open(infer(described(tmp_path, file={"contentUrl": url})))
    assert dataset.kinds == {"text": "text"}
    assert dataset.manifest.modalities["text"].column == "note"
    assert dataset.classes == ("cat", "dog")


def test_a_set_of_files_whose_paths_say_the_split(tmp_path):
    """As the Hub describes its Parquet files."""
    for split in ("train", "test"):
        (tmp_path / "default" / split).mkdir(parents=True)
        rows = {"note": ["a few plain words", "and some others more"], "label": ["a", "b"]}
        parquet.write_table(pa.table(rows), tmp_path / "default" / split / "0000.parquet")
    own = {"fileSet": {"@id": "files"}}
    path = {
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": "default/(train|test)/"},
    }
    fields = [{"@id": "default/split", "source": own | path}]
    for name in ("note", "label"):
        fields.append({"@id": f"default/{name}", "source": own | {"extract": {"column": name}}})
    entries = {
        "@context": CONTEXT,
        "distribution": [
            {"@type": "cr:FileObject", "@id": "repo", "contentUrl": "https://example.org/x"},
            {
                "@type": "cr:FileSet",
                "@id": "files",
                "containedIn": {"@id": "repo"},
                "includes": "default/*/*.parquet",
            },
        ],
        "recordSet": [
            {
                "@id": "splits",
                "field": [{"@id": "splits/name"}],
                "data": [{"splits/name": "train"}],
            },
            {"@id": "default", "field": fields},
        ],
    }
    (tmp_path / "croissant.json").write_text(json.dumps(entries))
    dataset = data.open(infer(tmp_path / "croissant.json"))
    assert dataset.splits == ("test", "train")
    assert len(dataset.select(split="train")) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"file": {"sha256": "0" * 64}}, "another sha256"),
        ({"file": {"contentUrl": "../rows.csv"}}, "leaves the dataset's folder"),
        ({"file": {"contentUrl": "other.csv"}}, "'other.csv' of 'rows.csv' is not beside it"),
        ({"file": {"containedIn": {"@id": "zip"}}}, "is in an archive"),
        ({"file": {"contentUrl": "croissant.json"}, "sha256": ""}, "sha256|of files .json"),
        ({"recordSet": []}, "it has none"),
        ({"recordSet": 3}, "not a Croissant description"),
        ({"recordSet": [{"field": [field("a", "z")]}]}, "no column 'z'"),
        ({"recordSet": [{"field": [field("a", "text"), field("b", "y", "x")]}]}, "several files"),
        ({"recordSet": [{"field": [{"@id": "a", "source": {"fileObject": "x"}}]}]}, "which column"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, changes, why):
    with pytest.raises(InputError, match=why):
        locate.opened("croissant.json", described(tmp_path, **changes))
