"""What a report is made of, in one form for the page, for Markdown and for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmaudit.formats import aligned
from mmaudit.rows import Better, Estimate, Metric

MOST_ROWS = 1_000  # of a table in a page
ARROWS: dict[Better, str] = {"higher": "↑", "lower": "↓", "neither": ""}


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of a table.

    Attributes:
        text: What is shown.
        sort: What it is sorted by.
        detail: What is shown after it, smaller: the interval of an estimate.
    """

    text: str
    sort: float | str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.detail}".strip()


@dataclass(frozen=True, slots=True)
class Table:
    """A small table.

    Attributes:
        title: What it shows.
        heads: Titles of the columns.
        rows: The cells.
        helps: What each column means, for a tooltip.
        more: Rows that are not shown because there are too many.
        names: Names of the columns, among them metrics.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    helps: tuple[str, ...] = ()
    more: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One shape of a chart.

    Attributes:
        kind: ``path``, ``rect``, ``circle`` or ``text``: names of SVG elements.
        at: Its geometry: attributes of the element, numbers rounded to what a screen shows.
        look: Style classes.
        text: Letters of a text.
        tip: What is said when it is pointed at.
    """

    kind: str
    at: Mapping[str, str]
    look: str
    text: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Some words of an example.

    Attributes:
        text: The words.
        look: ``same``, ``new`` or ``gone``, against the clean text; ``note`` of what is none.
    """

    text: str
    look: str


@dataclass(frozen=True, slots=True)
class StripCell:
    """A sample at one severity.

    Attributes:
        name: The severity.
        picture: The sample as a data URI; empty without one.
        words: Its text, told apart by what changed.
    """

    name: str
    picture: str
    words: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A sample under one corruption.

    Attributes:
        name: The corruption, as the chart names its line.
        look: The colour of that line.
        steps: The sample, clean and at each severity.
    """

    name: str
    look: str
    steps: tuple[StripCell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that is drawn already: shapes in a box, with its numbers beside it.

    Attributes:
        title: What it shows.
        alt: What a person who does not see it should know.
        width: Width of the box.
        height: Height of the box.
        marks: The shapes, in the order of drawing.
        table: The same numbers as a table.
        strips: What its lines do to a sample.
        sample: That sample.
    """

    title: str
    alt: str
    width: int
    height: int
    marks: tuple[Mark, ...]
    table: Table
    strips: tuple[Strip, ...] = ()
    sample: str = ""

    @property
    def key(self) -> tuple[Mark, ...]:
        """Names at the ends of its lines, for screens that are too narrow for them."""
        names = [m for m in self.marks if m.kind == "text" and m.look.startswith("name ")]
        return tuple(sorted(names, key=lambda m: m.look))


@dataclass(frozen=True, slots=True)
class Piece:
    """One modality of a sample in a gallery.

    Attributes:
        alt: What the picture or the sound is of, in words.
        text: Its text.
        picture: The thumbnail as a data URI, empty without one.
        sound: The clip as a data URI, empty without one.
    """

    alt: str
    text: str
    picture: str
    sound: str


@dataclass(frozen=True, slots=True)
class Item:
    """One sample of a gallery.

    Attributes:
        id: The sample.
        note: Why it is shown.
        pieces: What is shown of it, one a modality.
        beside: Samples on the same card, as the partner that would fit better.
    """

    id: str
    note: str
    pieces: tuple[Piece, ...]
    beside: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Gallery:
    """Samples that an audit chose to show.

    Attributes:
        title: What they show.
        items: The samples.
        more: How many more there are.
    """

    title: str
    items: tuple[Item, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four challenges.

    Attributes:
        key: Anchor.
        title: Its name.
        question: What it asks.
        headlines: What the audits said, one sentence each.
        notes: What to beware of.
        advice: Commands that would answer what was not audited, each with what it tells.
        charts: Its charts.
        tables: Its tables.
        galleries: Samples that its audits chose to show.
        audited: Whether any audit of the run speaks to it.
        unasked: Which of its audits no check asked about, one sentence each; none without a gate.
    """

    key: str
    title: str
    question: str
    headlines: tuple[str, ...]
    notes: tuple[str, ...]
    advice: tuple[tuple[str, str], ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    galleries: tuple[Gallery, ...]
    audited: bool
    unasked: tuple[str, ...] = ()


def number(value: float) -> str:
    """A number as charts and tables show it."""
    return aligned(value)[0]


def cell(value: Any) -> TableCell:
    """A value as a cell."""
    match value:
        case Estimate():
            shown, low, high = aligned(value.value, value.low, value.high)
            return TableCell(shown, value.value, f"[{low}, {high}]")
        case bool():
            return TableCell("yes" if value else "no", int(value))
        case int():
            return TableCell(f"{value:,}", value)
        case float():
            return TableCell(number(value), value)
        case None:
            return TableCell("–", "")
        case _:
            return TableCell(str(value), str(value))


def table(
    title: str, names: Sequence[str], rows: Sequence[Sequence[Any]], prefix: str = ""
) -> Table:
    """A table of plain values.

    Args:
        title: What it shows.
        names: Names of the columns.
        rows: The values; a cell stays as it is.
        prefix: Metric whose name is left out of the heads that derive from it.
    """
    heads = tuple(name.removeprefix(f"{prefix}_").replace("_", " ") for name in names)
    cells = tuple(
        tuple(v if isinstance(v, TableCell) else cell(v) for v in row) for row in rows[:MOST_ROWS]
    )
    return Table(title, heads, cells, more=len(rows) - len(cells), names=tuple(names))


def explained(table: Table, meanings: Mapping[str, Metric]) -> Table:
    """A table whose heads that are metrics with a direction say which, and what they mean."""
    metrics = [meanings.get(name, Metric("")) for name in table.names]
    heads = tuple(
        f"{head} {ARROWS[m.better]}".strip() for head, m in zip(table.heads, metrics, strict=True)
    )
    helps = tuple(m.help if m.better != "neither" else "" for m in metrics)
    return replace(table, heads=heads, helps=helps)
