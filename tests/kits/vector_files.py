"""Datasets whose modalities are vectors, each in a column that is called as it is."""

import pyarrow as pa
from pyarrow import parquet

CLASS_OF_LABEL = '[target]\ncolumn = "label"\nkind = "class"\n'


def manifest(*modalities, name="rows", source="", target=""):
    """The text of a manifest of ``rows.parquet`` with ids."""
    entries = (f'[modality.{m}]\nkind = "vector"\ncolumn = "{m}"\n' for m in modalities)
    head = f'schema = 1\nname = "{name}"\n[source]\npath = "rows.parquet"\nid = "id"\n{source}\n'
    return head + "".join(entries) + target


def write(folder, table, *modalities, **entries):
    """Write columns and their `manifest` into a folder; the path of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = table if isinstance(table, pa.Table) else pa.table(table)
    parquet.write_table(rows, folder / "rows.parquet")
    path = folder / "dataset.toml"
    path.write_text(manifest(*modalities, **entries))
    return path


def read(manifest_path):
    """The columns of a dataset that `write` wrote, as lists."""
    return parquet.read_table(manifest_path.parent / "rows.parquet").to_pydict()
