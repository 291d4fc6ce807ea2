"""A dataset without its flagged pairs, in its own format."""

import csv

import numpy as np
import pytest
from PIL import Image

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.errors import UsageError
from mmaudit.runs.filter import filtered

N = 60


def vectors(folder):
    rng = np.random.default_rng(0)
    item = rng.normal(size=(N, 8)).astype(np.float32)
    table = {"id": [f"p{i:02d}" for i in range(N)], "a": list(item), "b": list(item[::-1])}
    return vector_files.write(folder, table, "a", "b")


def pictures(folder):
    (folder / "images").mkdir()
    rng = np.random.default_rng(1)
    with (folder / "data.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "file_name", "text"])
        for i in range(N):
            pixels = rng.integers(0, 255, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "images" / f"{i}.png")
            writer.writerow([f"p{i:02d}", f"images/{i}.png", f"number {i}"])
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "p"\n[source]\npath = "data.csv"\nid = "id"\n'
        '[modality.image]\nkind = "image"\ncolumn = "file_name"\n'
        '[modality.text]\nkind = "text"\ncolumn = "text"\n'
    )
    return folder / "dataset.toml"


@pytest.mark.parametrize(("make", "options"), [(vectors, {}), (pictures, {"encoder": "self"})])
def test_what_is_left_is_what_was_kept(tmp_path, make, options):
    dataset = make(tmp_path)
    run = mm.noisy_pairs(dataset, fraction=0.2, quiet=True, out=tmp_path / "run", **options)
    made = filtered(run.path, dataset, tmp_path / "out", quiet=True)
    kept = set(run["noisy_pairs/keep"].arrow()["id"].to_pylist())
    if options:
        suspects_are_shown(run, kept)
    whole, left = mm.load(dataset), mm.load(made)
    assert set(left.column("id").to_pylist()) == kept
    assert len(left) == N - round(0.2 * N)
    assert left.kinds == whole.kinds
    ids = whole.column("id").to_pylist()
    old = whole.read([ids.index(i) for i in left.column("id").to_pylist()])
    new = left.read(range(len(left)))
    for name, kind in left.kinds.items():
        if kind == "image":
            assert [c["bytes"] for c in old[name].to_pylist()] == [
                c["bytes"] for c in new[name].to_pylist()
            ]
        else:
            assert old[name].to_pylist() == new[name].to_pylist()


def suspects_are_shown(run, kept):
    """The gallery has both sides of each suspect, and pictures and texts of the suggestions."""
    rows = run["noisy_pairs/gallery"].arrow().to_pylist()
    suspects = [r for r in rows if "suggested partner" not in r["note"]]
    assert {r["id"] for r in suspects} == set(run["noisy_pairs/drop"].arrow()["id"].to_pylist())
    assert not kept & {r["id"] for r in suspects}
    assert all(r["thumbnail"] for r in suspects if r["modality"] == "image")
    assert all(r["text"] for r in suspects if r["modality"] == "text")
    told = dict(
        zip(
            *run["noisy_pairs/samples"].arrow().select(["id", "suggestion"]).to_pydict().values(),
            strict=True,
        )
    )
    suggested = [r["id"] for r in rows if "suggested partner" in r["note"]]
    assert suggested
    assert set(suggested) == {told[r["id"]] for r in suspects} - {None}


def test_a_folder_that_holds_something_is_refused(tmp_path):
    dataset = vectors(tmp_path)
    run = mm.noisy_pairs(dataset, fraction=0.2, quiet=True, out=tmp_path / "run")
    with pytest.raises(UsageError, match="not empty"):
        filtered(run.path, dataset, tmp_path, quiet=True)


def test_the_command_writes_it(tmp_path):
    dataset = vectors(tmp_path)
    told = [dataset, "--fraction", "0.2", "--out", tmp_path / "run", "--filtered", tmp_path / "out"]
    done = mmaudit("noisy-pairs", *told)
    assert done.returncode == 0, done.stderr
    assert f"filtered: {tmp_path / 'out' / 'dataset.toml'}" in done.stdout
    assert len(mm.load(tmp_path / "out" / "dataset.toml")) == 48
