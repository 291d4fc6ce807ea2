"""The function of a unit: every value of its samples once, measured and fingerprinted."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Ints
from mmaudit.audits.inspect.modality_checks import ModalityCheck
from mmaudit.checks.scripts import main_script
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.kinds.base import load_kind
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped, column
from mmaudit.samples.memory import spans
from mmaudit.samples.skipped import joined, with_skipped

ABSENT, PRESENT, UNREADABLE = 0, 1, 2  # the state of a value
BYTES = 16  # of a digest of content
HEAD = 32  # bytes of a file that tell its format
STATE, CONTENT, PRINT, SIZE = "state", "content", "fingerprint", "size"
FORM, FILE = "form", "file"


@dataclass(frozen=True, slots=True)
class Inspection:
    """Inspects units.

    Attributes:
        dataset: The selected samples.
        checks: The checks that are made.
        prints: How near copies are found, by modality.
        memory: Bytes that decoded samples may take.
        processes: Whether values are mostly looked at in Python, so that threads wait.
    """

    dataset: Dataset
    checks: tuple[ModalityCheck, ...]
    prints: Mapping[str, Fingerprint]
    memory: int
    processes: bool

    def __call__(self, rows: range) -> pa.Table:
        """Columns id, and of each modality its state, content, size, form, file and checks."""
        some = [
            self._span(s)
            for s in spans(self.dataset, np.arange(rows.start, rows.stop), self.memory)
        ]
        return joined(some, self.row_group)

    def row_group(self, table: pa.Table) -> int:
        """All rows."""
        return max(1, table.num_rows)

    def _span(self, positions: Ints) -> pa.Table:
        batch = self.dataset.read(positions)
        columns = {"id": batch.column("id")}
        ids = batch.column("id").to_pylist()
        lost: list[Skipped] = []
        for modality, kind in self.dataset.kinds.items():
            shape = self.dataset.shape(modality)
            values, reasons = column(batch.column(modality), kind, shape, ids)
            columns |= self._columns(modality, kind, values, reasons, shape.rate)
            file_format = load_kind(kind).file_format
            if file_format is not None:
                columns[f"{modality}.{FILE}"] = _files(batch.column(modality), file_format)
            lost += [Skipped(ids[i], modality, why) for i, why in reasons.items()]
        return with_skipped(pa.table(columns), lost)

    def _columns(
        self, modality: str, kind: str, values: list[Any], reasons: dict[int, str], rate: float
    ) -> dict[str, pa.Array]:
        state = np.array([ABSENT if v is None else PRESENT for v in values], np.int8)
        state[list(reasons)] = UNREADABLE
        size = load_kind(kind).size
        checks = [c for c in self.checks if c.modality == modality]
        numbers = np.full((len(checks), len(values)), np.nan)
        contents: list[bytes | None] = [None] * len(values)
        prints: list[bytes | None] = [None] * len(values)
        for i, value in enumerate(values):  # all of one, while it is at hand
            if value is not None:
                contents[i] = _content(value)
                prints[i] = self._print(modality, value, rate)
                numbers[:, i] = _numbers(checks, value, rate)
        columns = {
            STATE: pa.array(state),
            CONTENT: pa.array(contents, pa.binary(BYTES)),
            SIZE: pa.array([_size(v, size) for v in values], pa.float64()),
            FORM: pa.array([_form(v) for v in values], pa.string()).dictionary_encode(),
        }
        if modality in self.prints:
            columns[PRINT] = pa.array(prints, pa.binary())
        named = {f"{modality}.{name}": array for name, array in columns.items()}
        return named | {
            each.column: pa.array(row, from_pandas=True)
            for each, row in zip(checks, numbers, strict=True)
        }

    def _print(self, modality: str, value: Any, rate: float) -> bytes | None:
        there = self.prints.get(modality)
        return None if there is None else there.take(value, rate)


def _numbers(checks: Sequence[ModalityCheck], value: Any, rate: float) -> list[float]:
    """The number of each check; NaN where the value is none to measure."""
    views: dict[Any, Any] = {}
    numbers = []
    for each in checks:
        look = each.check.view
        if look not in views:
            views[look] = look(value, rate)
        numbers.append(each.of(views[look]))
    return numbers


def _content(value: Any) -> bytes:
    """Digest of what a value is, whatever file it came in.

    Texts are composed (NFC) first; arrays count with their shape and type.
    """
    if isinstance(value, str):
        digest = sha256(unicodedata.normalize("NFC", value).encode("utf-8", "surrogatepass"))
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        digest = sha256(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    else:
        digest = sha256(repr(list(value)).encode("utf-8", "surrogatepass"))
    return digest.digest()[:BYTES]


def _size(value: Any, size: Callable[[Any], float] | None) -> float | None:
    """How long a value is that has no form, as a text; None where its form says all."""
    if value is None or size is None or isinstance(value, np.ndarray):
        return None
    return float(size(value))


def _files(cells: pa.Array, file_format: Callable[[bytes], str]) -> pa.Array:
    """What each file is by its first bytes; null where there is none."""
    heads = compute.binary_slice(cells.field("bytes"), 0, HEAD).to_pylist()
    names = [head and (file_format(head) or "unknown") for head in heads]
    return pa.array(names, pa.string()).dictionary_encode()


def _form(value: Any) -> str | None:
    """Shape and type of an array, the script of a text, for people; None for what has none."""
    if isinstance(value, str):
        return main_script(value).capitalize() or None
    if not isinstance(value, np.ndarray) or value.dtype.hasobject:
        return None
    return f"{' x '.join(map(str, value.shape))} {value.dtype}"
