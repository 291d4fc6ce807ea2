"""Arrow: Feather files, and folders that open with ``datasets.load_from_disk``."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit.files import replacing, write_json
from mmaudit.injection.write.form import WrittenFile
from mmaudit.injection.write.forms.gathered import Gathered
from mmaudit.injection.write.manifest import DATA
from mmaudit.manifest.readers.arrow import SPLITS, STATE
from mmaudit.parsing.documents import from_json

INFO = "dataset_info.json"
META = b"huggingface"  # where a schema holds what Hugging Face datasets know of its columns
WHOLE = b"ARROW1"  # how a file begins that is no stream
OF_THE_SOURCE = ("splits", "dataset_size", "size_in_bytes")  # counts and bytes that it had
LENGTH = 16  # letters of a fingerprint


class OwnForm(Gathered):
    """Arrow files in the form that each had, with what ``save_to_disk`` writes beside them."""

    @property
    def path(self) -> str:
        """The file, a pattern, or the folder that `datasets` opens."""
        return DATA if self._saved else super().path

    @property
    def root(self) -> Path:
        """The folder of the data, or of all splits."""
        above = self.sources[0].absolute().parent.parent
        return above if (above / SPLITS).is_file() and self._saved else super().root

    @property
    def _saved(self) -> bool:
        return (self.sources[0].parent / STATE).is_file()

    def write(self) -> WrittenFile:
        """Write the files; of a folder that was saved also what describes them."""
        for source, home, positions in zip(self.sources, self.homes, self.spans, strict=True):
            home.parent.mkdir(parents=True, exist_ok=True)
            self._table(source, home, positions)
        folders = {s.parent: h.parent for s, h in zip(self.sources, self.homes, strict=True)}
        for source_folder, folder in folders.items() if self._saved else ():
            names = [h.name for h in self.homes if h.parent == folder]
            self._described(source_folder, folder, names)
        if self._saved and (self.root / SPLITS).is_file():
            splits = from_json((self.root / SPLITS).read_bytes())
            there = [s for s in splits["splits"] if self.root / s in _absolute(folders)]
            write_json(self.out / DATA / SPLITS, splits | {"splits": there}, ordered=True)
        return WrittenFile()

    def _table(self, source: Path, home: Path, positions: range) -> None:
        """Write a file as a stream of batches, or as a file that says where each is."""
        with source.open("rb") as clean:
            whole = clean.read(len(WHOLE)) == WHOLE
        tables: Iterator[pa.Table] = (
            table.select(self._own.names).cast(self._own) for table in self.corrupted(positions)
        )
        if whole and any(pa.types.is_dictionary(f.type) for f in self._own):
            one = pa.concat_tables(tables) if positions else self._own.empty_table()
            tables = iter([one.unify_dictionaries()])  # a file has one dictionary a column
        new = pa.ipc.new_file if whole else pa.ipc.new_stream
        options = pa.ipc.IpcWriteOptions(compression="lz4" if whole else None)  # as Feather has
        with replacing(home) as file, new(file, self._own, options=options) as writer:
            for table in tables:
                writer.write_table(table)

    @property
    def _own(self) -> pa.Schema:
        """The columns as the files have them: without the split that names of folders say."""
        fields = [f for f in self.schema if f.name not in self.said]
        metadata = dict(self.layout.schema.metadata or {})
        if META in metadata:
            entries = from_json(metadata[META])
            info = entries.get("info", {})
            listed = _features(info.get("features") or {}, self.layout.schema, fields)
            metadata[META] = json.dumps(entries | {"info": info | {"features": listed}}).encode()
        return pa.schema(fields, metadata)

    def _described(self, source: Path, folder: Path, names: list[str]) -> None:
        """Write what `datasets` reads of the columns, and which files there are."""
        state = from_json((source / STATE).read_bytes())
        # `datasets` name what they cache by it: other data must not have the source's
        own = json.dumps([state.get("_fingerprint"), self.layout.dataset.digests, self._corrupted])
        changes = {
            "_data_files": [{"filename": name} for name in names],
            "_fingerprint": sha256(own.encode()).hexdigest()[:LENGTH],
        }
        write_json(folder / STATE, state | changes, ordered=True)
        if (source / INFO).is_file():
            info = from_json((source / INFO).read_bytes())
            info = {key: value for key, value in info.items() if key not in OF_THE_SOURCE}
            if info.get("features"):
                fields = [*self._own]
                info["features"] = _features(info["features"], self.layout.schema, fields)
            write_json(folder / INFO, info, ordered=True)

    @property
    def _corrupted(self) -> str:
        """What tells one copy of a source from another."""
        return sha256(b"".join(path.read_bytes() for path, *_ in self._starts)).hexdigest()


def _features(
    before: Mapping[str, Any], source: pa.Schema, fields: list[pa.Field]
) -> dict[str, Any]:
    """What `datasets` declare of the columns: as before where their type is what it was."""
    types = {f.name: f.type for f in source}
    same = {f.name for f in fields if f.name in types and f.type.equals(types[f.name])}
    new = {f.name: _feature(f.type) for f in fields if f.name not in same}
    return {f.name: before[f.name] for f in fields if f.name in same & before.keys()} | new


def _feature(kind: pa.DataType) -> dict[str, Any]:
    """A column of another type than the source's, as `datasets` declare it."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}
    names = {"double": "float64", "float": "float32", "halffloat": "float16"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}


def _absolute(folders: Mapping[Path, Path]) -> set[Path]:
    return {folder.absolute() for folder in folders}
