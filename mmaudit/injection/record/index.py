"""Index: what a plan decided, as a file that another lab can use.

A mask, donors or labels are written twice: as Parquet with the ids, which does not depend on the
order of the rows, and as ``.npy``. The ``.npy`` of donors has the form of NCR's noise index: for
every row the number of the image whose value it has, where images are numbered as they appear;
without groups that is the number of the donor's row.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Ints
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.steps import Makes
from mmaudit.parsing import npy, parquet
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance

Plan = Bools | Ints


def write(
    path: Path,
    dataset: Dataset,
    plan: Plan,
    makes: Makes,
    modalities: tuple[str, ...],
    provenance: Provenance,
) -> list[Path]:
    """Write a plan as Parquet and as ``.npy`` beside it; returns both paths.

    Args:
        path: The Parquet file.
        dataset: The samples, in the order of the plan.
        plan: What was decided, one row a sample.
        makes: What it is.
        modalities: The columns of a mask.
        provenance: Written into the metadata.
    """
    ids = dataset.column("id")
    columns: dict[str, pa.Array] = {"id": ids}
    array = plan
    if makes == "mask":
        columns |= {m: pa.array(plan[:, i]) for i, m in enumerate(modalities)}
    elif makes == "donors":
        columns["donor"] = ids.take(pa.array(plan))
        array = _images(dataset)[plan.astype(np.int64)]
    else:
        columns["label"] = pa.array(dataset.classes, pa.string()).take(pa.array(plan))
    table = pa.table(columns).replace_schema_metadata(provenance.metadata())
    store.write(table.sort_by("id"), path)
    raw = path.with_suffix(".npy")
    np.save(raw, np.ascontiguousarray(array), allow_pickle=False)
    return [path, raw]


def read(path: str | Path, dataset: Dataset, makes: Makes, modalities: tuple[str, ...]) -> Plan:
    """Read a plan for these samples.

    Raises:
        UsageError: The name ends neither in ``.npy`` nor in ``.parquet``.
        InputError: The file is not a plan of this kind for these samples.
    """
    path = Path(path)
    readers = {".npy": _from_npy, ".parquet": _from_parquet}
    if path.suffix not in readers:
        raise UsageError("an index is a .npy or a .parquet file", where=str(path), fix="OUT/plans")
    try:
        return readers[path.suffix](path, dataset, makes, modalities)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"cannot read the index: {error}", where=str(path), fix="a file of OUT/plans"
        ) from error
    except KeyError as error:
        raise InputError(
            f"the index does not know {error.args[0]!r}",
            where=str(path),
            fix="an index that was made for this dataset",
        ) from error


def _from_npy(path: Path, dataset: Dataset, makes: Makes, modalities: tuple[str, ...]) -> Plan:
    array = npy.mapped(path)
    n = len(dataset)
    if makes == "mask":
        _expect(array.shape == (n, len(modalities)), f"{array.shape} for {(n, len(modalities))}")
        return array.astype(np.bool_)
    _expect(array.shape == (n,) and array.dtype.kind in "iu", f"{array.shape} for {(n,)} numbers")
    most = len(dataset.classes or ()) if makes == "labels" else n
    _expect(not n or (array.min() >= 0 and array.max() < most), "a number that is out of range")
    if makes == "labels":
        return array.astype(np.int64)
    images = _images(dataset)
    named, first = np.unique(images, return_index=True)
    _expect(np.isin(array, named).all(), "a number that no image has")
    return np.where(array == images, np.arange(n), first[np.searchsorted(named, array)])


def _from_parquet(path: Path, dataset: Dataset, makes: Makes, modalities: tuple[str, ...]) -> Plan:
    table = parquet.table(path, what="cannot read the index", fix="a file of OUT/plans")
    wanted = ("id", *{"mask": modalities, "donors": ("donor",)}.get(makes, ("label",)))
    lacking = [name for name in wanted if name not in table.column_names]
    _expect(not lacking, f"no column {', '.join(lacking)}")
    _expect(not any(table.column(name).null_count for name in wanted), "null in a column")
    row = {id_: i for i, id_ in enumerate(table.column("id").to_pylist())}
    _expect(len(row) == table.num_rows, "an id twice")
    ids = dataset.column("id").to_pylist()
    rows = [row[id_] for id_ in ids]
    if makes == "mask":
        columns = [table.column(m).to_pylist() for m in modalities]
        return np.array([[c[r] for c in columns] for r in rows], np.bool_).reshape(len(rows), -1)
    if makes == "donors":
        place = {id_: i for i, id_ in enumerate(ids)}
        donors = table.column("donor").to_pylist()
        return np.array([place[donors[r]] for r in rows], np.int64)
    number = {name: i for i, name in enumerate(dataset.classes or ())}
    labels = table.column("label").to_pylist()
    return np.array([number[labels[r]] for r in rows], np.int64)


def _images(dataset: Dataset) -> Ints:
    """Number of the image of each row, as they appear; of the row without groups."""
    if not dataset.manifest.source.group:
        return np.arange(len(dataset))
    groups = dataset.column("group").to_pylist()
    ids = dataset.column("id").to_pylist()
    names = [("id", i) if g is None else ("group", g) for g, i in zip(groups, ids, strict=True)]
    number = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)


def _expect(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(f"it holds {what}")
