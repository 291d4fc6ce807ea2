"""Forms: how corrupted samples are written: as Parquet, as files in a folder, as tar archives.

The worker that made samples writes them where they stay, so that workers share that too. What it
leaves as its unit's table is all that is needed to finish, and says that the rest is written.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pyarrow import compute

from mmaudit.engines.base import Unit, Work
from mmaudit.injection.write.archives import Archives
from mmaudit.injection.write.files import Files
from mmaudit.injection.write.folder import Folder
from mmaudit.injection.write.form import AT_ONCE, Form, WrittenFile
from mmaudit.injection.write.layout import CopyLayout
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.manifest.splits import SPLIT, ByFile
from mmaudit.tables import store


@dataclass(frozen=True, slots=True)
class Written:
    """Work whose samples are written in a form."""

    work: Work
    form: Form

    @property
    def processes(self) -> bool:
        """As the work itself."""
        return self.work.processes

    def __call__(self, rows: range) -> pa.Table:
        """Make and write the samples; what the form leaves of the work's table."""
        return self.form.keep(self.work(rows), rows.start)

    def row_group(self, table: pa.Table) -> int:
        """As the work itself."""
        return self.work.row_group(table)


def form(layout: CopyLayout, out: Path, units: tuple[Unit, ...]) -> Form:
    """The form of the output.

    Args:
        layout: The columns, and the form that is asked for.
        out: Folder of the corrupted dataset.
        units: What it is made in.
    """
    if layout.form == "folder":
        return Folder(out, Files(layout, out))
    if layout.form == "webdataset":
        return Archives(out, layout, units[0].stop)
    return Parquet(out, Files(layout, out))


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet: the units' tables are the data; files that a source names stay files.

    Where the names of the source's files say the split, those of the copy do.

    Attributes:
        out: Folder of the dataset.
        files: Where they go.
    """

    out: Path
    files: Files
    reader: ClassVar[str] = "parquet"
    path: ClassVar[str] = f"{DATA}/*.parquet"

    @property
    def parts(self) -> Path:
        """The data itself, or what is brought together by split."""
        return self.out / PARTS / DATA if self._splits else self.out / DATA

    @property
    def _splits(self) -> list[str]:
        """The splits that names of files say, and no column."""
        layout = self.files.layout
        reader = layout.dataset.source.reader
        if not (isinstance(reader, ByFile) and reader.said == (SPLIT,)):
            return []
        column = reader.column(SPLIT).take(pa.array(layout.dataset.rows))
        return sorted(compute.unique(column).to_pylist())

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """The samples as they are, with the names of their files."""
        for column in sorted(self.files.layout.files):
            names, _ = self.files.write(table, column, start)
            at = table.schema.get_field_index(column)
            kind = self.files.layout.type_of(column)
            array = pa.array(names, pa.string())
            if pa.types.is_struct(kind):
                array = pa.StructArray.from_arrays([array], ["path"], mask=array.is_null())
            was = self.files.layout.schema.field(column)
            table = table.set_column(at, was.with_name(column), array.cast(kind))
        return table

    def finish(self) -> WrittenFile:
        """Write a file for each split, where names say it; nothing else is left to do."""
        for split in self._splits:
            path = self.out / DATA / f"{split}-00000-of-00001.parquet"
            store.join(self.parts, path, partial(_of, split), row_group=AT_ONCE)
        return WrittenFile(renamed=self.files.renamed)


def _of(split: str, table: pa.Table) -> pa.Table:
    """The rows of a split, without the column that the name of their file says."""
    return table.filter(compute.equal(table.column(SPLIT), split)).drop_columns([SPLIT])
