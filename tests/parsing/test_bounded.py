"""What grows from a file is bounded before it grows, and the bound stands in the message."""

import io
import json
import sys
import tarfile
import zipfile
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.cli import main
from mmaudit.errors import InputError
from mmaudit.kinds import audio
from mmaudit.kinds.base import Shape, Undecodable
from mmaudit.parsing import archives, documents, npy
from mmaudit.samples import dataset as data

TEXT = '[modality.text]\nkind = "text"\ncolumn = "text"\n'


@pytest.fixture
def corrupt(tmp_path, monkeypatch, capsys):
    """``mmaudit corrupt`` on a file, in this process: its exit code and its lines."""

    def run(file, modality=TEXT, apply="text/ocr:3@text", **source):
        keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in source.items())
        manifest = f'schema = 1\n[source]\npath = "{file}"\n{keys}{modality}'
        (tmp_path / "dataset.toml").write_text(manifest)
        out = str(tmp_path / "out")
        argv = ["mmaudit", "corrupt", str(tmp_path / "dataset.toml"), out, "--apply", apply]
        monkeypatch.setattr(sys, "argv", argv)
        capsys.readouterr()
        code = main()
        return SimpleNamespace(code=code, said=capsys.readouterr().err)

    return run


def refused(done, *words):
    assert done.code == 3, done.said
    lines = done.said.strip().splitlines()[-3:]
    assert [line.partition(":")[0] for line in lines] == ["error", "where", "try"], done.said
    assert all(word in done.said for word in words), done.said


def test_values_that_are_written_once_and_repeated_do_not_unpack_without_end(corrupt, tmp_path):
    once = pa.array(["x" * 4_000_000])
    many = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, np.int32)), once)
    path = tmp_path / "d.parquet"
    parquet.write_table(pa.table({"text": many}), path, dictionary_pagesize_limit=2**30)
    assert path.stat().st_size < 10**7  # and 40 GB if it were read
    refused(corrupt("d.parquet"), "grow to", "more than 536,870,912")


def test_a_column_that_says_it_unpacks_to_too_much_is_not_unpacked(corrupt, tmp_path):
    path = tmp_path / "d.parquet"
    zeros = pa.table({"n": np.zeros(10_000_000, np.int64)})
    with parquet.ParquetWriter(
        path, zeros.schema, compression="zstd", use_dictionary=False
    ) as file:
        for _ in range(7):
            file.write_table(zeros)
    assert path.stat().st_size < 10**6
    refused(corrupt("d.parquet"), "n:", "grow to 560,", "536,870,912")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("d.csv", lambda names: ",".join(names) + "\n" + ",".join(names) + "\n"),
        ("d.jsonl", lambda names: json.dumps(dict.fromkeys(names, 1))),
    ],
)
def test_a_table_has_columns_and_not_a_flood_of_them(corrupt, tmp_path, name, write):
    (tmp_path / name).write_text(write([f"c{i}" for i in range(2**16 + 1)]))
    refused(corrupt(name), "65,537 columns, more than 65,536")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("d.jsonl", '{"text": "' + "x" * 5000 + '"}', "a line of more than 4096 bytes"),
        ("d.jsonl", '{"text": ' + "[" * 65 + "]" * 65 + "}", "nested 65 deep, more than 64"),
        ("d.csv", "text\n" + "x" * 5000, "a cell of more than 4096 characters"),
    ],
)
def test_a_line_and_a_cell_are_bounded(corrupt, tmp_path, name, text, what):
    (tmp_path / name).write_text(text)
    refused(corrupt(name, max_bytes=4096), what)


def test_a_caption_that_is_a_library_is_skipped_with_its_reason(corrupt, tmp_path):
    parquet.write_table(
        pa.table({"text": ["a brown dog runs on the beach and barks" * 9, "x" * 17_000_000]}),
        tmp_path / "d.parquet",
    )
    done = corrupt("d.parquet")
    assert done.code == 5
    why = parquet.read_table(tmp_path / "out" / "skipped.parquet")["reason"].to_pylist()
    assert why == ["a text of 17000000 characters, more than 16777216; raise max_bytes"]
    assert "more than --max-skipped = 0" in done.said


def test_a_manifest_is_nested_as_people_nest(corrupt, tmp_path):
    (tmp_path / "d.csv").write_text("text\nhello\n")
    done = corrupt("d.csv", modality=f"{TEXT}\n[{'.'.join('a' * 70)}]\n")
    assert done.code == 2
    assert "nested more than 64 deep" in done.said


def test_files_that_braces_mean_are_counted_first(corrupt):
    refused(corrupt("{000000000..999999999}.csv"), "1,000,000,000 files, more than 100,000")


def test_a_sound_is_measured_before_it_is_decoded():
    wav = audio.encode(np.zeros((1000, 2), np.float32), 8000)
    assert audio.decode(wav, Shape(max_samples=2000)).shape == (1000, 2)
    with pytest.raises(Undecodable, match="2000 samples, more than max_samples = 1999"):
        audio.decode(wav, Shape(max_samples=1999))
    soundfile = pytest.importorskip("soundfile")
    file = io.BytesIO()
    soundfile.write(file, np.zeros((1000, 2)), 8000, format="FLAC")
    with pytest.raises(Undecodable, match="2000 samples, more than max_samples = 1999"):
        audio.decode(file.getvalue(), Shape(max_samples=1999))


def test_the_manifest_bounds_sounds(tmp_path):
    for number, length in enumerate((100, 200)):
        sound = np.zeros((length, 1), np.float32)
        (tmp_path / f"{number}.wav").write_bytes(audio.encode(sound, 8000))
    (tmp_path / "d.csv").write_text("file\n0.wav\n1.wav\n")
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "d.csv"\nmax_samples = 150\n'
        '[modality.audio]\nkind = "audio"\ncolumn = "file"\n'
    )
    from mmaudit.samples.decode import decode

    dataset = data.open(tmp_path / "dataset.toml")
    (skipped,) = decode(dataset, dataset.read(range(2))).skipped
    assert skipped.reason == "200 samples, more than max_samples = 150"


def test_a_header_of_an_archive_is_a_header(corrupt, tmp_path):
    with tarfile.open(tmp_path / "d.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        member = tarfile.TarInfo("a" * 2_000_000 + ".txt")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"hello"))
    modality = '[modality.text]\nkind = "text"\ncolumn = "txt"\n'
    refused(corrupt("d.tar", modality), "a header of 2000005 bytes, more than 1048576")


def test_an_array_is_as_large_as_its_file():
    file = io.BytesIO()
    np.save(file, np.zeros(4, np.float32))
    whole = file.getvalue()
    assert npy.from_bytes(whole).tolist() == [0, 0, 0, 0]
    huge = whole.replace(b"(4,), }" + b" " * 9, b"(9999999999999,), }"[:16].ljust(16))
    for data_ in (whole[:-1], huge, whole[:20], b"", whole.replace(b"<f4", b"|O4")):
        with pytest.raises(ValueError):
            npy.from_bytes(data_)


def test_an_archive_that_grows_too_much_is_not_unpacked(tmp_path):
    path = tmp_path / "m.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zeros", b"0" * 5)
    says = (5).to_bytes(4, "little")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(says + says, says + (2 * 10**9).to_bytes(4, "little")))
    with pytest.raises(InputError, match="grow to 2,000,000,000"):
        archives.check(path)


@pytest.mark.parametrize("text", ["[" * 10**6, '{"a":' * 10**5, '["' + "[" * 200 + '"'])
def test_json_is_never_more_than_a_value_error(text):
    with pytest.raises(ValueError):
        documents.from_json(text)


def test_brackets_in_texts_are_no_depth():
    text = json.dumps(["[" * 500, "\\" + '"[' * 300])
    assert documents.from_json(text) == json.loads(text)


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_the_size_of_repeated_values_is_read_before_they_are(tmp_path, size):
    from mmaudit.parsing import _repeats

    path, n = tmp_path / "d.parquet", 100
    table = pa.table({"text": ["x" * size] * n, "n": np.arange(n)})
    parquet.write_table(table, path, dictionary_pagesize_limit=2**30)
    group = parquet.ParquetFile(path).metadata.row_group(0)
    with path.open("rb") as file:
        assert size <= _repeats.largest(file, group.column(0)) <= size + 8
        assert _repeats.largest(file, group.column(1)) == 0
