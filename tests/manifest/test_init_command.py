import pyarrow as pa
from pyarrow import parquet

from command import mmaudit

TABLE = "id,split,text\na,train,hello there my friend\nb,test,what a day it was\n"


def init(folder, *options):
    return mmaudit("init", *options, cwd=folder)


def test_init_writes_what_it_prints_and_says_why(tmp_path):
    (tmp_path / "data.csv").write_text(TABLE)
    first = init(tmp_path, "data.csv")
    assert first.returncode == 0, first.stderr
    assert first.stdout == (tmp_path / "dataset.toml").read_text()
    assert "text: 'text' is text, 4.5 words on average" in first.stderr
    again = init(tmp_path, "data.csv")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert init(tmp_path, "data.csv", "--force", "-o", "dataset.toml").returncode == 0


def test_an_array_whose_header_is_cut_is_no_bug(tmp_path):
    whole = b"\x93NUMPY\x01\x00\x14\x00{'descr': ('<f8'     "
    rows = {"id": ["a", "b"], "x": [whole, whole]}
    parquet.write_table(pa.table(rows), tmp_path / "d.parquet")
    done = init(tmp_path, "d.parquet")
    assert done.returncode in {0, 2, 3}, done.stderr
    assert "Traceback" not in done.stderr
