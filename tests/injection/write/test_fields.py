"""Fields: a record is written as its source wrote it, but for what steps changed."""

import json

import pytest

from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.injection.write.fields import as_before

N = 12
DECLARED = (
    '[source]\npath = "{}"\nid = "id"\n[modality.text]\nkind = "text"\ncolumn = "caption"\n'
    '[modality.table]\nkind = "table"\ncolumns = ["x", "n"]\n'
)


def row(i):
    """Keys in several orders, some not there, null, or whole where others are not."""
    out = {"id": f"s{i}", "x": i if i % 2 else i / 4, "caption": f"a text of some words, {i}"}
    out |= {"n": 2**60 + i} if i % 3 else {}
    out |= {"note": None} if i % 4 == 0 else {"note": "ä"} if i % 4 == 1 else {}
    more = {"a": i} if i % 2 else {"b": [i, i / 2]}
    return {"more": more} | out if i % 5 else out


def lines(folder):
    return [json.dumps(row(i), ensure_ascii=False) for i in range(N)]


def write(folder):
    (folder / "rows.jsonl").write_text("\n\n".join(lines(folder)))
    (folder / "d.toml").write_text(DECLARED.format("rows.jsonl"))


@pytest.mark.parametrize("apply", ["text/keyboard:5", "table/drop_entry:5", "missing/mcar:5"])
def test_keys_that_are_not_there_stay_so(tmp_path, apply):
    write(tmp_path)
    how = {} if apply.startswith("missing") else {"fraction": 0.5}
    options = CorruptOptions(apply=(apply,), **how)
    corrupt_dataset(tmp_path / "d.toml", tmp_path / "out", options, quiet=True)
    copy = (tmp_path / "out" / "data" / "metadata.jsonl").read_text().splitlines()
    touched = 0
    for was, now in zip(lines(tmp_path), copy, strict=True):
        before, after = json.loads(was), json.loads(now)
        assert [*after] == [*before]
        changed = {k for k in before if repr(before[k]) != repr(after[k])}
        assert changed <= {"caption", "x", "n"}
        assert changed or now == was, "what no step touches is there letter by letter"
        touched += bool(changed)
    assert touched == N if apply.startswith("missing") else 0 < touched < N


def test_splits_keep_what_their_lines_say(tmp_path):
    from PIL import Image

    for split in ("train", "test"):
        folder = tmp_path / "photos" / split
        folder.mkdir(parents=True)
        said = []
        for i in range(4):
            Image.new("RGB", (8, 8), (9 * i, 0, 0)).save(folder / f"{i}.png")
            said.append({"file_name": f"{i}.png"} | ({"rare": i} if i % 2 else {}))
        (folder / "metadata.jsonl").write_text("".join(json.dumps(s) + "\n" for s in said))
    (tmp_path / "d.toml").write_text(
        '[source]\npath = "photos"\nid = "file_name"\nsplit = "split"\n'
        '[modality.image]\nkind = "image"\ncolumn = "file_name"\n'
    )
    options = CorruptOptions(apply=("image/brightness:3",))
    corrupt_dataset(tmp_path / "d.toml", tmp_path / "out", options, quiet=True)
    for split in ("train", "test"):
        files = (tmp_path / at / split / "metadata.jsonl" for at in ("photos", "out/data"))
        was, now = (file.read_text() for file in files)
        assert now == was


def test_what_is_new_or_another_is_written():
    assert as_before({"a": None}, {"a": None, "b": None}) == {"a": None}
    assert as_before({"a": 1}, {"a": None, "b": 2}) == {"a": None, "b": 2}
    assert as_before({"a": {"b": 1}}, {"a": {"b": 1.0, "c": None}}) == {"a": {"b": 1}}
    assert as_before({"a": [1, {"c": 2}]}, {"a": [1, {"c": 3}]}) == {"a": [1, {"c": 3}]}
