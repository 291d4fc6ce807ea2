"""Answers that were made elsewhere, in Parquet: looked up by id and condition, never computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.errors import IncompleteError, InputError, MissingError, UsageError
from mmaudit.formats import many
from mmaudit.models.base import Batch, ModelInfo, Output, Present, Request
from mmaudit.models.calls.prepared import renamed
from mmaudit.models.device import only_cpu
from mmaudit.models.options import ModelOptions
from mmaudit.models.pictures import PICTURES
from mmaudit.names import name as class_name
from mmaudit.options import unknown
from mmaudit.parsing import parquet
from mmaudit.parsing.base import refusing
from mmaudit.parts import close

KEYS = ("id", "condition")
PREFIX = "prob_"
LIST = "probabilities"
ONE = "prediction"
SHOWN = 3  # missing ids that are named
LACKS = dict.fromkeys(PICTURES, "nothing is asked of a table of answers")
FINITE = "an answer for every row; leave rows without one out"
UNREADABLE = "the answers cannot be read"
FIX = "Parquet files with the same columns: id, condition and the answer"


def danger(request: Request) -> str:
    """Tables run nothing."""
    del request
    return ""


def file(request: Request) -> Path:
    """The Parquet file, or the folder of them."""
    return Path(request.where)


def load(request: Request) -> "Predictions":
    """Read the answers, without their order mattering.

    Columns: ``id``, ``condition``, and the answer as one of ``prob_<class>`` for each class, a
    list ``probabilities`` (with the option ``classes=a,b``), or ``prediction``: text or whole
    numbers name a class (probability 1), other numbers are the answer to a number target. The
    option ``output=values`` takes whole numbers as numbers, ``output=logits`` says that they are no
    probabilities yet; ``classes=a,b`` names the columns, or classes that no prediction has;
    ``output_name`` is the column of a list or of predictions where it is called otherwise.

    Raises:
        InputError: A column is missing, null or of another type, or an id has two answers under
            one condition.
    """
    said = ModelOptions.of(request, lacks=LACKS)
    only_cpu(request.device, "a table of answers")
    path = Path(request.where)
    table = _read(path)
    _check_keys(table, str(path))
    table = table.sort_by([("condition", "ascending"), ("id", "ascending")])
    _check_once(table, str(path))
    answers, classes = _answers(table, said, request)
    counts = compute.value_counts(table["condition"]).to_pylist()
    ends = np.cumsum([count["counts"] for count in counts]).tolist()
    starts = [0, *ends[:-1]]
    return Predictions(
        classes=classes,
        output=_output(classes, said, request.spec),
        where=str(path),
        ids=table["id"].combine_chunks(),
        recorded=answers,
        rows={c["values"]: slice(a, b) for c, a, b in zip(counts, starts, ends, strict=True)},
    )


def info(model: "Predictions", *, spec: str, digest: str) -> ModelInfo:
    """What the table says; it takes no modalities, for nothing is asked of it."""
    return ModelInfo(
        spec=spec,
        digest=digest,
        modalities=(),
        classes=model.classes,
        output=model.output,
        accepts_missing=True,
        two_stage=False,
    )


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Answers by id and condition.

    Attributes:
        classes: Class names in the order of the columns; None for numbers.
        output: What the answers are.
        where: The file, for messages.
        ids: Ids, sorted within each condition.
        recorded: The answer of each, ``(row, class)`` or ``(row,)``.
        rows: The rows of each condition.
    """

    classes: tuple[str, ...] | None
    output: Output
    where: str
    ids: pa.Array
    recorded: NDArray[np.float32]
    rows: Mapping[str, slice]
    modalities: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that there are answers for, sorted."""
        return tuple(self.rows)

    def answers(self, ids: list[str], condition: str) -> NDArray[np.float32]:
        """The answers for some samples under one condition, in the order of ``ids``.

        Returns:
            Probabilities ``(n, class)``, or numbers ``(n,)``.

        Raises:
            IncompleteError: There are none for the condition, or for some of the ids.
        """
        if condition not in self.rows:
            raise IncompleteError(
                f"there are no answers for the condition {condition!r}",
                where=self.where,
                fix=close(condition, self.conditions) or f"one of {self.conditions[:SHOWN]}",
            )
        rows = self.rows[condition]
        held = self.ids.slice(rows.start, rows.stop - rows.start)
        at = compute.index_in(pa.array(ids, held.type), held)
        if at.null_count:
            lacking = [
                i for i, there in zip(ids, at.is_valid().to_pylist(), strict=True) if not there
            ]
            raise IncompleteError(
                f"{len(lacking)} of {len(ids)} samples have no answer under {condition!r}: "
                f"{', '.join(map(repr, lacking[:SHOWN]))}{' …' if len(lacking) > SHOWN else ''}",
                where=self.where,
                fix="add their answers, or audit the samples that have one",
            )
        return self.recorded[rows][at.to_numpy()]

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Refuse: a table cannot answer about samples that it has not seen.

        Raises:
            UsageError: Always.
        """
        del batch, present
        what = "a table of answers cannot be asked anything new"
        fix = "an audit that looks answers up by condition, or a model that runs here"
        raise UsageError(what, where=self.where, fix=fix)


def _output(classes: tuple[str, ...] | None, said: ModelOptions, spec: str) -> Output:
    """What the answers are, by their columns or by the option ``output``."""
    if classes is None:
        return said.answers("values", spec)
    if said.output in {"values", "embeddings"}:
        return said.answers("probabilities", spec)
    return said.output or "probabilities"


def _read(path: Path) -> pa.Table:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise MissingError(
            "there is no Parquet file in this folder", where=str(path), fix="predictions:FILE"
        )
    tables = [parquet.table(file, what=UNREADABLE, fix=FIX) for file in files]
    with refusing(UNREADABLE, path, FIX):
        return pa.concat_tables(tables)


def _check_keys(table: pa.Table, where: str) -> None:
    for name in KEYS:
        if name not in table.column_names:
            raise InputError(f"there is no column {name!r}", where=where, fix=f"add {name!r}")
        kind = table[name].type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise InputError(
                f"the column {name!r} is {kind}, not text", where=where, fix="the ids as text"
            )
        _no_nulls(table, name, where)
    if not table.num_rows:
        raise InputError("there are no answers", where=where, fix="a table with rows")


def _no_nulls(table: pa.Table, name: str, where: str) -> None:
    if table[name].null_count:
        raise InputError(
            f"{many(table[name].null_count, 'value')} of the column {name!r}: null",
            where=where,
            fix=FINITE,
        )


def _check_once(table: pa.Table, where: str) -> None:
    """Refuse two answers for one sample under one condition; the table is sorted."""
    if table.num_rows < 2:
        return
    same = [compute.equal(table[k].slice(1), table[k].slice(0, table.num_rows - 1)) for k in KEYS]
    again = table.select(list(KEYS)).slice(1).filter(compute.and_(*same))
    if again.num_rows:
        first = again.slice(0, 1).to_pylist()[0]
        raise InputError(
            f"{many(again.num_rows, 'answer is', 'answers are')} given twice (first: "
            f"id {first['id']!r} under {first['condition']!r})",
            where=where,
            fix="one row for each id and condition",
        )


def _answers(
    table: pa.Table, said: ModelOptions, request: Request
) -> tuple[NDArray[np.float32], tuple[str, ...] | None]:
    named, one = said.classes, said.output_name
    columns = [name for name in table.column_names if name.startswith(PREFIX)]
    if columns and one is None:
        theirs = tuple(class_name(column.removeprefix(PREFIX)) for column in columns)
        classes = theirs if named is None else renamed(named, theirs, request.spec)
        return np.stack([_numbers(table, name, request) for name in columns], axis=1), classes
    own = [name for name in table.column_names if name not in KEYS]
    if one is not None and one not in own:
        raise unknown(f"there is no column {one!r} of answers", one, own, where=request.spec)
    usual = (name for name in (LIST, ONE) if name in table.column_names)
    column = next(usual, "") if one is None else one
    if not column:
        raise InputError(
            f"there is no answer: no column {ONE!r}, {PREFIX}<class> or {LIST!r}",
            where=request.where,
            fix=f"add one, or say it with ,output_name=; there are {', '.join(own)}",
        )
    if not pa.types.is_nested(table[column].type) and column != LIST:
        return _predictions(table, column, said, request)
    if named is None:
        what = f"the column {column!r} does not say its classes"
        raise UsageError(what, where=request.spec, fix="add ,classes=a,b in its order")
    return _lists(table, column, named, request), named


def _lists(
    table: pa.Table, column: str, classes: tuple[str, ...], request: Request
) -> NDArray[np.float32]:
    _no_nulls(table, column, request.where)
    lengths = set(compute.unique(compute.list_value_length(table[column])).to_pylist())
    if lengths != {len(classes)}:
        raise InputError(
            f"{len(classes)} classes are named, and the lists have {sorted(lengths)} numbers",
            where=request.where,
            fix="one number a class",
        )
    flat = pa.table({column: compute.list_flatten(table[column])})
    return _numbers(flat, column, request).reshape(-1, len(classes))


def _predictions(
    table: pa.Table, name: str, said: ModelOptions, request: Request
) -> tuple[NDArray[np.float32], tuple[str, ...] | None]:
    _no_nulls(table, name, request.where)
    column, named = table[name], said.classes
    numeric = pa.types.is_floating(column.type) or said.output == "values"
    if numeric and named is None:
        return _numbers(table, name, request), None
    names = pa.array(map(class_name, column.to_pylist()), pa.string())
    predicted = tuple(sorted(compute.unique(names).to_pylist()))
    classes = named or predicted
    strange = sorted(set(predicted) - set(classes))
    if strange:
        raise InputError(
            f"the prediction {strange[0]!r} is none of the classes",
            where=request.where,
            fix=close(strange[0], classes)
            or "all that are answered in classes=, or another column",
        )
    at = compute.index_in(names, pa.array(classes)).to_numpy()
    return np.eye(len(classes), dtype=np.float32)[at], classes


def _numbers(table: pa.Table, name: str, request: Request) -> NDArray[np.float32]:
    _no_nulls(table, name, request.where)
    kind = table[name].type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        what = f"the column {name!r} is {kind}, not numbers"
        raise InputError(what, where=request.where, fix="numbers")
    with np.errstate(over="ignore"):  # what is too large is refused as infinite
        numbers = np.asarray(table[name].to_numpy(), np.float32)
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        what = f"{many(bad, 'value')} of the column {name!r}: not finite"
        raise InputError(what, where=request.where, fix=FINITE)
    return numbers
