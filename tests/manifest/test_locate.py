import os

import pytest

from mmaudit.errors import InputError, UsageError
from mmaudit.manifest import locate

TABLE = "id,text\n{},hello there my friend\n"


def csv(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TABLE.format(name))


def ids(folder, path):
    reader = locate.opened(path, folder).reader
    return reader.column("id").to_pylist()


def test_patterns_and_braces_name_files_in_their_order(tmp_path):
    csv(tmp_path, "b-1.csv", "b-0.csv", "c-09.csv", "c-10.csv", "d.csv")
    assert ids(tmp_path, "b-*.csv") == ["b-0.csv", "b-1.csv"]
    assert ids(tmp_path, "c-{09..10}.csv") == ["c-09.csv", "c-10.csv"]
    assert ids(tmp_path, "{d,b-0}.csv") == ["d.csv", "b-0.csv"]


@pytest.mark.parametrize("pattern", ["**", "*", "part*", "{part,a.csv}"])
def test_folders_beside_files_are_no_files(tmp_path, pattern):
    csv(tmp_path, "part/1.csv", "a.csv", "part.csv")
    expected = {"**": ["a.csv", "part.csv", "part/1.csv"], "*": ["a.csv", "part.csv"]}
    expected |= {"part*": ["part.csv"], "{part,a.csv}": ["a.csv"]}
    assert ids(tmp_path, pattern) == expected[pattern]


@pytest.mark.parametrize("pattern", ["*", "{one,two}", "one*/.."])
def test_several_folders_are_refused(tmp_path, pattern):
    csv(tmp_path, "one/1.csv", "two/2.csv", "oneself/1.csv")
    with pytest.raises(InputError, match=r"stands for \d folders") as refused:
        ids(tmp_path, pattern)
    assert "the folder that they are in" in refused.value.fix


def test_a_folder_of_tables_is_all_of_them(tmp_path):
    csv(tmp_path, "part/1.csv", "part/0.csv")
    assert ids(tmp_path, "part") == ["part/0.csv", "part/1.csv"]


def test_a_file_is_known_by_its_first_bytes(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"id": ["a"]}), tmp_path / "data.csv")
    assert ids(tmp_path, "data.csv") == ["a"]


def test_one_missing_shard_is_refused(tmp_path):
    csv(tmp_path, "c-0.csv", "c-2.csv")
    with pytest.raises(InputError, match="no such file") as caught:
        ids(tmp_path, "c-{0..2}.csv")
    assert caught.value.where.endswith("c-1.csv")


def test_an_unknown_format_is_refused_with_the_close_one(tmp_path):
    csv(tmp_path, "a.csv")
    with pytest.raises(UsageError) as caught:
        locate.opened("a.csv", tmp_path, "parket")
    assert caught.value.fix == "parquet"


def test_an_unknown_file_and_files_of_two_formats_are_refused(tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"?")
    with pytest.raises(InputError, match="no reader knows"):
        ids(tmp_path, "a.xyz")
    csv(tmp_path, "m/a.csv")
    (tmp_path / "m" / "b.jsonl").write_text('{"id": "b"}')
    with pytest.raises(InputError, match="several formats: csv, jsonl"):
        ids(tmp_path, "m/*")


def test_a_folder_without_data_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    from mmaudit.manifest.infer import infer

    with pytest.raises(InputError):
        infer(tmp_path / "empty")


@pytest.mark.parametrize(
    "pattern",
    [
        "{000000000..999999999}.csv",
        "{a,b}" * 40 + ".csv",
        "{0..99999}{0..9}",
        "{1.." + "9" * 5000 + "}",
    ],
)
def test_a_pattern_of_too_many_files_is_refused_before_it_is_made(tmp_path, pattern):
    with pytest.raises(InputError, match="files, more than 100,000"):
        locate.opened(pattern, tmp_path)


def test_a_device_and_a_pipe_are_no_data(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in ("/dev/zero", "pipe.csv", "*.csv"):
        with pytest.raises(InputError, match="a pipe or a device"):
            locate.opened(path, tmp_path, "csv")
