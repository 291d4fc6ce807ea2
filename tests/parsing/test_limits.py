"""What a file may be: the bound, its value and what raises it are in the message."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit import files
from mmaudit.errors import InputError, UsageError
from mmaudit.manifest import _web, braces
from mmaudit.manifest.readers import csv, webdataset
from mmaudit.parsing import archives, documents, limits
from mmaudit.parsing import parquet as door

DOCS = Path(__file__).parents[2] / "docs" / "manifest.md"
CEILINGS = {c.name: c for c in vars(limits).values() if isinstance(c, limits.Ceiling)}


def table(folder):
    path = folder / "d.csv"
    path.write_text(",".join("abcd") + "\n" + ",".join("1234") + "\n")
    return csv.open((path,))


def depth(folder):
    try:
        return documents.from_json("[" * 4 + "]" * 4)
    except ValueError as error:
        raise InputError(str(error), fix=limits.DEPTH.fix) from error


def text(folder):
    (folder / "a.txt").write_text("abcd")
    return files.read_text(folder / "a.txt", "text")


def zipped(folder, content=b"a", count=4):
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(str(number), content)
    return archives.check(folder / "a.zip")


def tar(folder, names):
    with tarfile.open(folder / "a.tar", "w") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 1
            archive.addfile(member, io.BytesIO(b"a"))
    return webdataset.open((folder / "a.tar",))


def repeated(folder):
    once = pa.DictionaryArray.from_arrays(pa.array(np.zeros(5000, np.int32)), ["x" * 5000])
    parquet.write_table(pa.table({"text": once}), folder / "d.parquet")
    return door.table(folder / "d.parquet")


REACHED = {  # what needs 4 where 3 are allowed
    "COLUMNS": table,
    "DEPTH": depth,
    "TEXT_BYTES": text,
    "ZIP_MEMBERS": zipped,
    "ZIP_BYTES": lambda folder: zipped(folder, bytes(10**6)),
    "PARQUET_BYTES": repeated,
    "TAR_MEMBERS": lambda folder: tar(folder, ["a.a", "b.a", "c.a", "d.a"]),
    "EXTENSIONS": lambda folder: tar(folder, ["a.a", "a.b", "a.c", "a.d"]),
    "FILES": lambda folder: braces.expanded("{0..3}"),
    "DOWNLOAD": lambda folder: _web.Pace("there", 4),
}


@pytest.mark.parametrize("name", CEILINGS)
def test_a_bound_is_said_with_its_value_and_what_raises_it(tmp_path, monkeypatch, name):
    REACHED[name](tmp_path)
    variable = CEILINGS[name].variable
    monkeypatch.setenv(variable, "3")
    with pytest.raises(InputError) as refused:
        REACHED[name](tmp_path)
    assert f"more than 3 ({variable})" in refused.value.what or "bytes than 3" in refused.value.what
    assert f"set {variable} to more" in refused.value.fix
    monkeypatch.setenv(variable, str(10**12))
    REACHED[name](tmp_path)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e3", "\u0663"])
def test_what_is_no_number_is_refused(monkeypatch, value):
    monkeypatch.setenv("MMAUDIT_MAX_DEPTH", value)
    with pytest.raises(UsageError, match=r"MMAUDIT_MAX_DEPTH=.* is no number"):
        documents.from_json(json.dumps("[" * 100))


def test_the_page_says_all_of_them():
    page = DOCS.read_text("utf-8")
    assert [c.variable for c in CEILINGS.values() if f"| `{c.variable}` |" not in page] == []


@pytest.mark.parametrize("key", ["max_bytes", "max_pixels", "max_samples"])
def test_a_key_of_a_manifest_is_a_number_that_libraries_can_count_to(tmp_path, key):
    (tmp_path / "d.csv").write_text("id,a\n1,2\n")
    for value, fits in ((2**62, True), (10**400, False)):
        (tmp_path / "dataset.toml").write_text(
            f'[source]\npath = "d.csv"\n{key} = {value}\n[modality.x]\nkind = "vector"\ncolumns = ["a"]\n'
        )
        if fits:
            assert len(mm.load(tmp_path / "dataset.toml")) == 1
        else:
            with pytest.raises(UsageError, match=key):
                mm.load(tmp_path / "dataset.toml")
