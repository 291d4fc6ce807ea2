"""What people bring beside the dataset: embeddings and curves in files of every kind."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit.audits.noisy_pairs import cache, curves, sides
from mmaudit.audits.noisy_pairs.plain import VectorColumns
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.beside import files
from mmaudit.measures.pairs.evidence.verdict import apart
from mmaudit.runs.filter import free
from mmaudit.samples import dataset as data
from mmaudit.tables.provenance import provenance

N = 60
IDS = [f"pair-{i}" for i in range(N)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    draw = np.random.default_rng(0)
    left = draw.normal(size=(N, 16)).astype(np.float32)
    right = left + draw.normal(size=left.shape).astype(np.float32) / 4
    table = {"id": IDS, "left": list(left), "right": list(right)}
    parquet.write_table(pa.table(table), folder / "data.parquet")
    (folder / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "data.parquet"\nid = "id"\n'
        '[modality.left]\nkind = "vector"\ncolumn = "left"\n'
        '[modality.right]\nkind = "vector"\ncolumn = "right"\n'
    )
    np.save(folder / "left.npy", left)
    np.save(folder / "right.npy", right)
    return folder


def read(folder, cells, ids=IDS):
    parquet.write_table(pa.table({"id": ids, "v": cells}), folder / "given.parquet")
    dataset = data.open(folder / "dataset.toml")
    return files.embeddings(dataset, str(folder / "given.parquet"), "v")


def lists(rows):
    return [row.tolist() for row in rows]


def test_rows_of_a_parquet_file_are_found_by_their_id(folder):
    right = np.load(folder / "right.npy")
    for cells in (lists(right), pa.array(lists(right), pa.large_list(pa.float64()))):
        assert np.array_equal(read(folder, pa.array(cells).take(pa.array(range(N)))), right)
    turned = read(folder, lists(right)[::-1], IDS[::-1])
    assert np.array_equal(turned, right)
    coded = read(folder, lists(right), pa.array(IDS).dictionary_encode())
    assert np.array_equal(coded, right)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows, ids: (rows, [*ids[:-1], ids[0]]), "no row in the file"),
        (lambda rows, ids: ([*rows, rows[0]], [*ids, ids[0]]), "more than once"),
        (lambda rows, ids: ([rows[0][:8], rows[1] + rows[1][:8], *rows[2:]], ids), "lengths"),
        (lambda rows, ids: ([r[0] for r in rows], ids), "holds double"),
        (lambda rows, ids: (["x"] * len(rows), ids), "holds string"),
        (lambda rows, ids: ([["x"]] * len(rows), ids), "holds list"),
        (lambda rows, ids: ([[float("nan"), *rows[0][1:]], *rows[1:]], ids), "'pair-0' is not fin"),
    ],
)
def test_what_is_not_one_row_of_numbers_an_id_is_refused(folder, change, said):
    with pytest.raises(InputError, match=said):
        read(folder, *change(lists(np.load(folder / "right.npy")), IDS))


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 an archive"])
def test_a_file_that_is_not_npy_is_refused(folder, content):
    (folder / "odd.npy").write_bytes(content)
    dataset = data.open(folder / "dataset.toml")
    with pytest.raises(InputError, match="cannot be read"):
        files.embeddings(dataset, str(folder / "odd.npy"), "")
    with pytest.raises(InputError, match="no such file"):
        files.embeddings(dataset, str(folder), "")


def test_a_name_with_a_colon_is_a_file_where_there_is_one(tmp_path):
    (tmp_path / "a:b.npy").touch()
    assert files.spec(str(tmp_path / "a:b.npy")) == (str(tmp_path / "a:b.npy"), "")
    assert files.spec("a:b.parquet:v") == ("a:b.parquet", "v")


def audited(folder, left, right="right.npy", **more):
    given = (f"left={folder / left}", f"right={folder / right}")
    return mm.noisy_pairs(folder / "dataset.toml", embeddings=given, quiet=True, **more)


def test_a_sample_without_one_side_is_no_pair(folder):
    left = np.load(folder / "left.npy")
    left[[3, 7]] = np.nan
    np.save(folder / "absent.npy", left)
    ids = audited(folder, "absent.npy")["noisy_pairs/samples"].to_pandas()["id"].tolist()
    assert len(ids) == N - 2
    assert not {"pair-3", "pair-7"} & set(ids)


def test_a_side_that_is_one_value_is_refused(folder):
    np.save(folder / "constant.npy", np.ones((N, 16), np.float32))
    for method in ("combined", "similarity", "ncr"):
        with pytest.raises(InputError, match="strangers"):
            audited(folder, "constant.npy", method=method)


def test_two_sides_of_one_name_are_refused(folder):
    given = tuple(f"left={folder / name}" for name in ("left.npy", "right.npy"))
    with pytest.raises(UsageError, match="two files of embeddings"):
        mm.noisy_pairs(folder / "dataset.toml", embeddings=given, quiet=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"losses": [1.0] * N}, "holds double"),
        ({"losses": [["x", "y"]] * N}, "holds list"),
        ({"losses": [[1.0]] * N}, "one epoch"),
        ({"losses": [[1.0, 2.0]] * (N - 1) + [[1.0]]}, "lengths"),
        ({"losses": [[1.0, 2.0]] * (N - 1) + [None]}, f"'pair-{N - 1}' is missing"),
        ({"losses": [[1.0, None]] * N}, "not a finite number"),
        ({"planted": ["false"] * N}, "'planted' holds string"),
        ({"planted": [None] * N}, "'planted' holds"),
        ({"planted": [True] * N}, "every pair is planted"),
        ({"planted": [False] * N}, "0 planted pairs"),
        ({"id": list(range(N))}, "no row in the file"),
        ({"id": [IDS[0]] * N}, "no row in the file"),
    ],
)
def test_curves_that_are_none_are_refused(tmp_path, change, said):
    table = {"id": IDS, "losses": [[1.0, 0.5]] * N, "planted": [i < 55 for i in range(N)]}
    path = tmp_path / "curves.parquet"
    parquet.write_table(pa.table(table), path)
    assert curves.read(str(path), IDS).planted.sum() == 55
    parquet.write_table(pa.table(table | change), path)
    with pytest.raises(InputError, match=said):
        curves.read(str(path), IDS)


def test_embeddings_of_some_samples_are_not_kept_as_those_of_all(folder, tmp_path):
    whole = data.open(folder / "dataset.toml")
    names = ("left", "right")
    one = SimpleNamespace(digest="one", shared=None)
    for dataset in (whole.select(limit=12), whole, whole):
        made = cache.cached(
            str(tmp_path),
            dataset,
            one,
            names,
            lambda d=dataset: sides.embedded(d, names, VectorColumns(), batch=8, workers=1),
        )
        assert made.positions.tolist() == list(range(len(dataset)))
    assert len(list(tmp_path.iterdir())) == 6


def test_what_was_flagged_by_order_is_not_called_evidence(folder):
    run = audited(folder, "left.npy", fraction=0.1, method="similarity")
    told = provenance(run["noisy_pairs/summary"].arrow().schema.metadata).headline
    assert "6 of 60 pairs are flagged because --fraction 0.1" in told
    assert "random re-pairing" not in told


def test_a_modality_makes_no_pair_with_itself(folder):
    with pytest.raises(UsageError, match="two modalities, not left and left"):
        mm.noisy_pairs(folder / "dataset.toml", modalities=("left", "left"), quiet=True)


def test_a_share_and_its_limit_are_told_apart():
    assert apart(0.0496, 0.05) == ("4.96%", "5.00%")
    assert apart(0.2, 0.05) == ("20.0%", "5.0%")
    assert apart(0.7483, 0.75, 2, "f") == ("0.748", "0.750")
    assert apart(0.73, 0.75, 2, "f") == ("0.73", "0.75")


def test_the_cleaned_dataset_does_not_go_into_the_run(tmp_path):
    with pytest.raises(UsageError, match="one folder"):
        free(tmp_path / "run", tmp_path / "x" / ".." / "run")
    free(tmp_path / "clean", tmp_path / "run")
