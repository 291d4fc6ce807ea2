"""A document: a page that is not about one run, as a comparison of two or the history of many."""

from dataclasses import dataclass
from typing import Literal

from mmaudit.report.blocks import Chart, Table

Tone = Literal["pass", "fail", "inconclusive", "none"]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of a document.

    Attributes:
        key: Anchor, of our own making.
        title: Its name.
        question: What it answers.
        notes: What to know about it, one sentence each.
        charts: Its charts.
        tables: Its tables.
    """

    key: str
    title: str
    question: str = ""
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a page, Markdown and a terminal show.

    Attributes:
        heading: Its title.
        subject: What it is about, in half a line.
        tone: Colour of its first sentence.
        chip: One word for it.
        lead: Its first sentence.
        chapters: The parts.
    """

    heading: str
    subject: str
    tone: Tone
    chip: str
    lead: str
    chapters: tuple[Chapter, ...]
