"""Forms: how corrupted samples are written: as Parquet, as files in a folder, as tar archives.

The worker that made samples writes them where they stay, so that workers share that too. What it
leaves as its unit's table is all that is needed to finish, and says that the rest is written.
"""

import re
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path

import pyarrow as pa
from pyarrow import compute

from mmaudit.engines.base import Unit, Work
from mmaudit.injection.write import forms
from mmaudit.injection.write.archives import Archives
from mmaudit.injection.write.files import Files
from mmaudit.injection.write.folder import Folder
from mmaudit.injection.write.form import AT_ONCE, Form, WrittenFile
from mmaudit.injection.write.forms.gathered import Gathered
from mmaudit.injection.write.layout import OWN, CopyLayout
from mmaudit.injection.write.manifest import DATA, PARTS
from mmaudit.manifest.readers.imagefolder import FILE, SplitReader
from mmaudit.manifest.splits import SPLIT, ByFile
from mmaudit.tables import store

METADATA = "metadata.parquet"  # of a folder of media
HOME = "#home"  # a column of parts: the file that a row goes to


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

    Raises:
        UsageError: The source's own form cannot hold what is asked for.
    """
    if layout.form == "folder":
        return Folder(out, Files(layout, out))
    if layout.form == "webdataset":
        return Archives(out, layout, units[0].stop)
    if layout.form in OWN:
        return _own(layout, out)
    return Parquet(out, Files(layout, out))


def _own(layout: CopyLayout, out: Path) -> Gathered:
    """The source's own form, which the module of its name writes."""
    module = import_module(f"{forms.__name__}.{layout.form}")
    own: Gathered = module.OwnForm(out, Files(layout, out))
    own.require()
    return own


@dataclass(frozen=True)
class Parquet:
    """Parquet: the units' tables are the data; files that a source names stay files.

    Where the names of the source's files say the split, those of the copy do; the metadata of a
    folder of media stay such.

    Attributes:
        out: Folder of the dataset.
        files: Where they go.
    """

    out: Path
    files: Files

    @property
    def reader(self) -> str:
        """Name of the reader that opens it."""
        return "imagefolder" if self._folders else "parquet"

    @property
    def path(self) -> str:
        """The tables, or the folder of those that have their files beside them."""
        if self._folders:
            return DATA
        return f"{DATA}/{METADATA}" if self._metadata else f"{DATA}/*.parquet"

    @property
    def parts(self) -> Path:
        """The data itself, or what is brought together in files that have their names."""
        return self.out / DATA if self._homes is None else self.out / PARTS / DATA

    @cached_property
    def _metadata(self) -> bool:
        """Whether the tables are the metadata of a folder of media."""
        layout = self.files.layout
        paths = getattr(layout.dataset.source.innermost, "paths", ())
        return layout.same and bool(paths) and all(p.name == METADATA for p in paths)

    @cached_property
    def _folders(self) -> SplitReader | None:
        """The reader of several files of metadata, each in its own folder."""
        layout = self.files.layout
        moves = any(m in layout.others for m in layout.media.values())
        reader = layout.dataset.source.reader
        return reader if self._metadata and not moves and isinstance(reader, SplitReader) else None

    @cached_property
    def _homes(self) -> pa.Array | None:
        """The file that each sample's row goes to, where files have names that say something."""
        layout = self.files.layout
        reader, rows = layout.dataset.source.reader, layout.dataset.rows
        if self._folders:
            return pa.array([f"{self._folders.home(int(row))}/{METADATA}" for row in rows])
        if self._metadata:
            return pa.array([METADATA] * rows.size)
        if isinstance(reader, ByFile) and reader.said == (SPLIT,):
            splits = reader.column(SPLIT).take(pa.array(rows)).combine_chunks()
            return compute.binary_join_element_wise(splits, "00000-of-00001.parquet", "-")
        return None

    @property
    def _said(self) -> set[str]:
        """Columns that the names of files say."""
        if self._folders:
            return {*self._folders.said}
        return {SPLIT} if self._homes is not None and not self._metadata else set()

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """The samples as they are, with the names of their files."""
        table = self.files.as_names(table, start)
        if self._homes is None:
            return table
        return table.append_column(HOME, self._homes.slice(start, table.num_rows))

    def finish(self) -> WrittenFile:
        """Bring together what belongs to one file, where files have names; nothing else is left."""
        for home in compute.unique(self._homes).to_pylist() if self._homes is not None else ():
            path = self.out / DATA / home
            path.parent.mkdir(parents=True, exist_ok=True)
            store.join(self.parts, path, partial(self._of, home), row_group=AT_ONCE)
        return WrittenFile(renamed=self.files.renamed, endings=self.files.endings)

    def _of(self, home: str, table: pa.Table) -> pa.Table:
        """The rows of a file, without what its name says."""
        own = table.filter(compute.equal(table.column(HOME), home))
        own = own.drop_columns([HOME, *(self._said & {*table.column_names})])
        folder = f"{home.rpartition('/')[0]}/"
        for at, field in enumerate(own.schema if self._folders else ()):
            texts = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
            if texts and field.name.endswith(FILE):
                names = compute.replace_substring_regex(own.column(at), f"^{re.escape(folder)}", "")
                own = own.set_column(at, field, names)
        return own
