"""The function of a unit: every value of its samples once, measured and fingerprinted."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.audits.inspect.digests import BYTES, digest
from mmaudit.audits.inspect.modality_checks import ModalityCheck
from mmaudit.checks.scripts import main_script
from mmaudit.fingerprints.base import Fingerprint
from mmaudit.kinds.base import Kind, load_kind
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped
from mmaudit.samples.memory import batches
from mmaudit.samples.skipped import joined, with_skipped

ABSENT, PRESENT, UNREADABLE = 0, 1, 2  # the state of a value
AT_ONCE = 8  # values that are decoded before they are measured: a processor keeps them at hand
HEAD = 32  # bytes of a file that tell its format
STATE, CONTENT, PRINT, SIZE = "state", "content", "fingerprint", "size"
FORM, FILE = "form", "file"
Look = Callable[[Any, float], Any]


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
        at = np.arange(rows.start, rows.stop)
        some = [self._of(batch) for batch in batches(self.dataset, at, self.memory)]
        return joined(some, self.row_group)

    def row_group(self, table: pa.Table) -> int:
        """All rows."""
        return max(1, table.num_rows)

    def _of(self, batch: pa.RecordBatch) -> pa.Table:
        columns = {"id": batch.column("id")}
        ids = batch.column("id").to_pylist()
        lost: list[Skipped] = []
        for modality, kind in self.dataset.kinds.items():
            cells = batch.column(modality)
            own, reasons = self._columns(modality, load_kind(kind), cells, ids)
            columns |= {f"{modality}.{name}": array for name, array in own.items()}
            lost += [Skipped(ids[i], modality, why) for i, why in reasons.items()]
        return with_skipped(pa.table(columns), lost)

    def _columns(
        self, modality: str, kind: Kind, cells: pa.Array, ids: list[str]
    ) -> tuple[dict[str, pa.Array], dict[int, str]]:
        """What is said of the values of a modality, and why those are not that cannot be read."""
        checks = tuple(c for c in self.checks if c.modality == modality)
        fingerprint, shape = self.prints.get(modality), self.dataset.shape(modality)
        looks = {c.check.view for c in checks} | ({fingerprint.view} if fingerprint else set())
        measured, reasons = list[Measured](), dict[int, str]()
        step = AT_ONCE if kind.decode_column is None else max(1, len(cells))
        for start in range(0, len(cells), step):
            values, lost = kind.column(cells.slice(start, step), shape, ids[start : start + step])
            reasons |= {start + i: why for i, why in lost.items()}
            measured += [_measured(v, shape.rate, kind, checks, fingerprint, looks) for v in values]
        state = np.array([ABSENT if m.content is None else PRESENT for m in measured], np.int8)
        state[list(reasons)] = UNREADABLE
        numbers = np.array([m.numbers for m in measured]).reshape(len(measured), len(checks))
        columns = {
            STATE: pa.array(state),
            CONTENT: pa.array([m.content for m in measured], pa.binary(BYTES)),
            SIZE: pa.array([m.size for m in measured], pa.float64()),
            FORM: pa.array([m.form for m in measured], pa.string()).dictionary_encode(),
        }
        if fingerprint is not None:
            columns[PRINT] = pa.array([m.fingerprint for m in measured], pa.binary())
        for each, column in zip(checks, numbers.T, strict=True):
            columns[each.short] = pa.array(column, from_pandas=True)
        if kind.file_format is not None:
            columns[FILE] = _files(cells, kind.file_format)
        return columns, reasons


class Measured(NamedTuple):
    """What is said of one value; nothing of none.

    Attributes:
        content: Digest of what it is.
        size: How long it is, where its form does not say so.
        form: Its shape and type, or its script.
        fingerprint: By what its near copies are found.
        numbers: Those of the checks.
    """

    content: bytes | None
    size: float | None
    form: str | None
    fingerprint: bytes | None
    numbers: list[float]


def _measured(
    value: Any,
    rate: float,
    kind: Kind,
    checks: Sequence[ModalityCheck],
    fingerprint: Fingerprint | None,
    looks: Collection[Look],
) -> Measured:
    if value is None:
        return Measured(None, None, None, None, [math.nan] * len(checks))
    views = {look: look(value, rate) for look in looks}
    return Measured(
        digest(value),
        _size(value, kind.size),
        _form(value),
        None if fingerprint is None else fingerprint.take(views[fingerprint.view], rate),
        [each.of(views[each.check.view]) for each in checks],
    )


def _size(value: Any, size: Callable[[Any], float] | None) -> float | None:
    """How long a value is that has no form, as a text; None where its form says all."""
    if size is None or isinstance(value, np.ndarray):
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
    return _array_form(value.shape, value.dtype)


@lru_cache(maxsize=64)  # numpy is slow to name a type
def _array_form(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"{' x '.join(map(str, shape))} {dtype}"
