"""What both sides of a split share is named by `inspect`, declared as the group or not."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mmaudit as mm
from command import mmaudit
from mmaudit.audits.inspect.comparisons.keys import keys
from mmaudit.samples import dataset

N, SITES = 360, 6
MANIFEST = """
schema = 1
name = "sites"
[source]
path = "rows.parquet"
id = "id"
split = "split"
{group}
[modality.x]
kind = "vector"
column = "x"
[target]
column = "label"
kind = "class"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sites whose classes look different, in a column and in the ids; a day that means nothing."""
    at = tmp_path_factory.mktemp("sites")
    rng = np.random.default_rng(0)
    label, site, day = rng.integers(0, 3, N), np.arange(N) % SITES, rng.integers(0, 7, N)
    looks = rng.normal(size=(3, 8)) + 1.5 * rng.normal(size=(SITES, 3, 8))
    rows = looks[site, label] + rng.normal(size=(N, 8))
    table = {
        "id": [f"c{k}/s{s}_{i}.x" for i, (s, k) in enumerate(zip(site, label, strict=True))],
        "x": list(rows.astype(np.float32)),
        "label": [f"class {k}" for k in label],
        "site": [f"site {s}" for s in site],
        "day": day,
        "split": ["test" if i % 4 == 1 else "train" for i in rng.permutation(N)],
    }
    pq.write_table(pa.table(table), at / "rows.parquet")
    pq.write_table(pa.table(table).drop_columns("site"), at / "bare.parquet")
    for name, group in (("plain", ""), ("grouped", 'group = "site"')):
        (at / f"{name}.toml").write_text(MANIFEST.format(group=group))
    (at / "bare.toml").write_text(MANIFEST.format(group="").replace("rows.p", "bare.p"))
    return at


@pytest.fixture(scope="module")
def done(folder):
    return mmaudit("inspect", "plain.toml", "--out", "run", "--exact", cwd=folder)


def summary(run):
    rows = run["inspect/summary"].arrow().to_pylist()
    return {(r["slice"], r["metric"]): r["estimate"] for r in rows if r["slice"].startswith("key=")}


def test_keys_are_columns_and_parts_of_ids_that_splits_share(folder):
    data = dataset.open(folder / "plain.toml")
    splits = np.array(data.column("split").to_pylist())
    every = {k.name: k for k in keys(data, np.arange(N), splits)}
    assert set(every) == {"site", "day", "id[1]"}  # the second part of the ids is the site again
    assert every["site"].column
    assert every["site"].shared == 1.0
    assert np.unique(every["site"].values).tolist() == [*range(SITES)]


def test_a_key_has_its_gap(folder, done):
    assert done.returncode == 0, done.stderr
    rows = summary(mm.Run(folder / "run"))
    gap = rows["key=site", "gap_of_key"]
    assert gap["low"] > 0.1
    assert gap["n"] == SITES
    shared, apart = (rows["key=site", f"accuracy_{s}"]["value"] for s in ("shared", "apart"))
    assert gap["value"] == pytest.approx(shared - apart)
    assert rows["key=day", "gap_of_key"]["low"] < 0 < rows["key=day", "gap_of_key"]["high"]
    assert {key for key, _ in rows} == {"key=site", "key=day"}  # a part of ids is the class


def test_the_answer_and_the_page_say_what_to_declare(folder, done):
    assert "The splits share site, which tells labels." in done.stdout
    assert "splits share site: 6 values, and 100% of the samples" in done.stdout
    assert 'declare group = "site", and split by it.' in done.stdout
    assert "share day" not in done.stdout
    page = mmaudit("report", "run", "-o", "page.html", cwd=folder)
    assert page.returncode == 0, page.stderr
    assert "What the splits share" in (folder / "page.html").read_text()
    gate = '[[check]]\nmetric = "inspect.gap_of_key{slice=key=site}"\nmax = 0.05\nfail_when = "point"\n'
    (folder / "gate.toml").write_text(gate)
    assert mmaudit("gate", "run", "--config", "gate.toml", cwd=folder).returncode == 1


def test_a_part_of_the_ids_is_named_where_no_column_says_it(folder):
    run = mm.inspect(folder / "bare.toml", exact=True, quiet=True)
    assert summary(run)["key=id[2]", "gap_of_key"]["low"] > 0.1


def test_of_a_group_that_is_declared_and_yet_split_what_it_inflates_is_told(folder):
    run = mm.inspect(folder / "grouped.toml", out=folder / "grouped", exact=True, quiet=True)
    rows = summary(run)
    assert {key for key, _ in rows} == {"key=site"}
    assert rows["key=site", "gap_of_key"]["low"] > 0.1
    page = mm.report(run).read_text()
    assert "splits share site: 6 values" in page
    assert "split by it." in page
    assert "declare group" not in page


def test_a_group_that_keeps_to_one_split_is_no_leak(folder):
    apart = pq.read_table(folder / "rows.parquet")
    split = ["test" if s == "site 0" else "train" for s in apart["site"].to_pylist()]
    apart = apart.set_column(apart.column_names.index("split"), "split", [split])
    pq.write_table(apart, folder / "apart.parquet")
    manifest = MANIFEST.format(group='group = "site"').replace("rows.p", "apart.p")
    (folder / "apart.toml").write_text(manifest)
    assert not summary(mm.inspect(folder / "apart.toml", exact=True, quiet=True))
