"""Four cards under the verdict: each challenge in a sentence that needs no vocabulary."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mmaudit.names import CLEAN, WORTHS
from mmaudit.report.blocks import Section
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import layouts, shares, sweeps
from mmaudit.report.sections.varying import trust
from mmaudit.report.words import amount, condition, listed, said
from mmaudit.tables.run import UNKNOWN


@dataclass(frozen=True, slots=True)
class ChallengeCard:
    """One challenge in short.

    Attributes:
        key: Anchor of its section.
        title: Its name.
        text: What was found.
        notes: Which of its audits no check asked about.
        audited: Whether any audit speaks to it.
    """

    key: str
    title: str
    text: str
    notes: tuple[str, ...]
    audited: bool


def cards(run: RunData, sections: tuple[Section, ...]) -> tuple[ChallengeCard, ...]:
    """One card a section."""
    return tuple(_card(run, one) for one in sections)


def _card(run: RunData, section: Section) -> ChallengeCard:
    if not section.audited:
        return ChallengeCard(section.key, section.title, "Not audited.", (), audited=False)
    says = " ".join(_says(run, section.key))
    text = says or (section.headlines[0] if section.headlines else section.question)
    return ChallengeCard(section.key, section.title, text, section.unasked, audited=True)


def _says(run: RunData, key: str) -> Iterator[str]:
    for one in layouts.placed(run):
        if one.view.challenge == key and one.view.form in SAYS:
            yield from SAYS[one.view.form](one.audit)


def _worst(audit: AuditData) -> Iterator[str]:
    """How far the main metric moves under the worst of what was tried."""
    metric = sweeps.primary(audit)
    meaning = audit.meanings.get(metric, UNKNOWN)
    rows = audit.having(metric)
    clean = next((r.estimate for r in rows if r.get("condition") == CLEAN), None)
    tried = [r for r in rows if r.get("severity") and sweeps.is_corrupted(r) and r.estimate]
    if clean is None or not tried:
        return
    lower = meaning.better == "lower"
    worst = max(tried, key=lambda r: (r.estimate.value if r.estimate else 0) * (1 if lower else -1))
    value = worst.estimate.value if worst.estimate else 0.0
    goes = "goes" if value == clean.value else "rises" if value > clean.value else "falls"
    yield (
        f"At worst {metric} {goes} from {amount(clean.value, meaning)} to "
        f"{amount(value, meaning)}: {condition(str(worst.get('condition')))}."
    )


def _pairs(audit: AuditData) -> Iterator[str]:
    """The first sentence of what the audit said, which weighs all that it knows."""
    first, dot, _ = audit.origin.headline.partition(". ")
    yield said(first) + ("." if dot else "")


def _missed(audit: AuditData) -> Iterator[str]:
    """Which modality is missed most."""
    metric = sweeps.primary(audit)
    meaning = audit.meanings.get(metric, UNKNOWN)
    missed = sweeps.missed_most(audit)
    if missed is not None:
        gone, whole, without = missed
        yield (
            f"Without {gone}, {metric} goes from {amount(whole.value, meaning)} to "
            f"{amount(without.value, meaning)}: it is missed most."
        )


def _brings(audit: AuditData) -> Iterator[str]:
    """Who brings how much to the answer, the most first."""
    worth, brought = shares.brought(audit)
    order = sorted(brought, key=lambda m: (-brought[m].value, m))
    if order:
        parts = [f"{m} {brought[m].value:.2f}" for m in order]
        of = f"the {WORTHS[worth]}" if worth in WORTHS else worth.replace("_", " ")
        yield f"{order[0]} brings most: {listed(parts)} of {of}."


def _moves(audit: AuditData) -> Iterator[str]:
    """Whether trust moves off a modality that is wrong."""
    yield trust.plain(audit)


SAYS: Mapping[str, Callable[[AuditData], Iterator[str]]] = {
    "sweep": _worst,
    "subsets": _missed,
    "pairs": _pairs,
    "shares": _brings,
    "trust": _moves,
}  # by form
