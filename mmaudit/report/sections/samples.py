"""The samples browser: every sample, with the model's answer under each condition.

A page holds the answers as one byte a sample and condition, so that 100,000 samples under 20
conditions fit into a few megabytes. What does not fit is left out, and the page says so; the
Parquet files beside it hold everything.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.names import CLEAN
from mmaudit.report.blocks import Table, table
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import packed, sweeps
from mmaudit.report.words import condition, visible
from mmaudit.tables import store
from mmaudit.tables.answers import answers

MOST_ROWS = 100_000
MOST_CONDITIONS = 24
MOST_BYTES = 12_000_000  # of the packed columns; the page's cap is 25 MB
HARDEST = 50  # rows of the table that stands in on paper
PLAIN = ("label", "group")
ANSWER = ("prediction", "loss")  # shown as they are where there is no probability of the truth
ANSWERED = (
    "What did the model answer for each of the {n} samples, and where did it change its mind?"
)
MEASURED = "What was measured of each of the {n} samples?"
HEADS = {
    "prediction": "answer",
    "p_true": "probability of the right answer",
    "correct": "whether it was right",
}
Condition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Browser:
    """What the page's script shows.

    Attributes:
        question: What it answers.
        data: JSON for the script.
        rows: Samples in it.
        notes: What was left out, in sentences.
        hardest: The hardest samples as a table, for paper and where scripts do not run.
    """

    question: str
    data: str
    rows: int
    notes: tuple[str, ...]
    hardest: Table


def browser(
    run: RunData, *, most_rows: int = MOST_ROWS, most_conditions: int = MOST_CONDITIONS
) -> Browser | None:
    """The browser of a run; None where no audit kept anything of its samples.

    Args:
        run: The run.
        most_rows: Samples that a page holds.
        most_conditions: Conditions whose answers it holds.
    """
    sweep = sweeps.sweep(run)
    clean = answers(run.samples(sweep.name), CLEAN) if sweep else None
    frame = clean if clean is not None else _first(run)
    if frame is None:
        return None
    total = frame.num_rows
    frame = frame.slice(0, most_rows)
    notes = []
    if total > most_rows:
        notes.append(f"The first {most_rows:,} of {total:,} samples are in this page.")
    columns = [*_columns(frame), *_others(run, sweep, frame["id"])]
    used = sum(len(c["data"]) for c in columns)
    names = conditions(sweep) if sweep and "p_true" in frame.column_names else []
    samples = run.samples(sweep.name) if sweep else run.path
    classes, shown = _answers(samples, names[:most_conditions], frame, used)
    if len(shown) < len(names):
        notes.append(
            f"{len(names) - len(shown)} of {len(names)} conditions are not in this page, "
            "the mildest."
        )
    if notes:
        notes.append("The Parquet files of the run hold all of them.")
    content = {
        "rows": frame.num_rows,
        "columns": columns,
        "classes": classes,
        "conditions": shown,
    }
    form = ANSWERED if sweep else MEASURED
    question = form.format(n=f"{frame.num_rows:,}")
    return Browser(question, _json(content), frame.num_rows, tuple(notes), _hardest(frame))


def _json(content: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: no character of markup in it."""
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")):
        text = text.replace(char, code)
    return text


def _first(run: RunData) -> pa.Table | None:
    """The samples of the first audit that kept any, for a run without a sweep."""
    for audit in run.audits:
        table = _whole(run, audit)
        if table is not None:
            return table.select(["id", *(c for c in PLAIN if c in table.column_names)])
    return None


def _whole(run: RunData, audit: str) -> pa.Table | None:
    """A per-sample table with one row a sample: the first worth and absence policy of a game.

    None where several models answered.
    """
    tables = []
    for path in store.parts(run.samples(audit)):
        with store.opened(path) as file:
            names = [f.name for f in file.schema_arrow if not pa.types.is_nested(f.type)]
            if "id" not in names or sweeps.METHOD in names:
                return None
            with store.reading(path):
                table = file.read(names)
        for key in ("value", "absent"):
            if key in names and table.num_rows:
                table = table.filter(pc.equal(table[key], table[key][0]))
        tables.append(table)
    whole = pa.concat_tables(tables) if tables else None
    return whole if whole is not None and whole.num_rows else None


def _columns(frame: pa.Table) -> Iterator[dict[str, Any]]:
    """Columns that belong to a sample whatever is done to it."""
    yield {
        "name": "id",
        "help": "Sample",
        "kind": "text",
        "data": packed.texts(frame["id"].to_pylist()),
    }
    plain = PLAIN if "p_true" in frame.column_names else (*PLAIN, *ANSWER)
    for name in frame.column_names:
        if name in plain or name.startswith("slice:"):
            values = frame[name]
            if values.null_count < len(values):
                yield packed.column(name.removeprefix("slice:"), _help(frame, name), values)


def _others(
    run: RunData, sweep: AuditData | None, ids: pa.ChunkedArray
) -> Iterator[dict[str, Any]]:
    """Numbers that other audits found for the same samples."""
    for audit in run.audits:
        table = None if sweep and audit == sweep.name else _whole(run, audit)
        if table is None:
            continue
        at = pc.index_in(ids, pa.array(table["id"].combine_chunks()))
        for field in table.schema:
            kind = field.type
            if pa.types.is_floating(kind) or pa.types.is_boolean(kind):
                values = pc.take(table[field.name], at)
                phrase = f"{audit}: {_help(table, field.name)}"
                yield packed.column(field.name, phrase, values) | {"audit": audit}


def _help(table: pa.Table, name: str) -> str:
    content: bytes = (table.schema.field(name).metadata or {}).get(b"help", b"")
    return content.decode()


def conditions(sweep: AuditData) -> list[str]:
    """The conditions of a sweep, clean first and then the worst first."""
    metric = sweeps.primary(sweep)
    sign = 1 if sweep.better(metric) == "lower" else -1
    rows = [r for r in sweep.having(metric) if r.get("condition") != CLEAN]
    single = [r for r in rows if r.get("severity") or sweeps.is_subset(r) or sweeps.is_protocol(r)]
    ordered = sorted(
        single,
        key=lambda r: (
            sweeps.is_subset(r),
            -sign * (r.estimate.value if r.estimate else 0),
            r.get("condition"),
        ),
    )
    return [CLEAN, *(str(r.get("condition")) for r in ordered)]


def _answers(
    samples: Path, names: list[str], frame: pa.Table, used: int
) -> tuple[list[str], list[Condition]]:
    """The answers under each condition until the page is full; names of the classes first."""
    classes: dict[str, int] = {}
    packs: list[Condition] = []
    for name in names:
        rows = frame if name == CLEAN else answers(samples, name)
        if rows is None:
            continue
        at = pc.index_in(frame["id"], pa.array(rows["id"].combine_chunks()))
        if at.null_count:
            continue
        rows = rows.take(at)
        one = {"name": visible(condition(name), longest=120), "key": visible(name, longest=120)}
        one["data"] = packed.packed(_bytes(rows))
        one |= {"wrong": _wrong(rows, classes)}
        used += len(one["data"]) + len(one["wrong"])
        if used > MOST_BYTES:
            break
        packs.append(one)
    shown = [visible(c, longest=packed.LONGEST_TEXT) for c in classes]
    return shown, packs


def _bytes(rows: pa.Table) -> bytes:
    return packed.answers(rows["p_true"], rows["correct"])


def _wrong(rows: pa.Table, classes: dict[str, int]) -> str:
    """Two bytes a row: which class was answered where it was wrong, else 0."""
    if "prediction" not in rows.column_names:
        return ""
    wrong = pc.if_else(rows["correct"], None, pc.cast(rows["prediction"], pa.string()))
    for name in pc.unique(wrong).to_pylist():
        if name is not None:
            classes.setdefault(name, len(classes) + 1)
    codes = pc.index_in(wrong, pa.array(list(classes), pa.string()))
    return packed.packed(
        packed.raw(pc.fill_null(pc.add(pc.cast(codes, pa.uint16()), pa.scalar(1, pa.uint16())), 0))
    )


def _hardest(frame: pa.Table) -> Table:
    """The samples with the least probability of the truth on clean data."""
    names = [
        n for n in ("id", "label", "prediction", "p_true", "correct") if n in frame.column_names
    ]
    shown = frame.select(names)
    if "p_true" in names:
        shown = shown.sort_by([("p_true", "ascending"), ("id", "ascending")])
    rows = [
        tuple(
            visible(v, longest=packed.LONGEST_TEXT) if isinstance(v, str) else v
            for v in row.values()
        )
        for row in shown.slice(0, HARDEST).to_pylist()
    ]
    heads = [HEADS.get(name, name) for name in names]
    return table(f"The {len(rows)} hardest samples", heads, rows)
