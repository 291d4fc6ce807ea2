"""The four challenges: what each asks, which audits speak to it, and what to run where none did."""

from dataclasses import dataclass

from mmaudit.report.blocks import Section
from mmaudit.report.read import RunData
from mmaudit.report.sections import layouts
from mmaudit.report.sections.gallery import gallery
from mmaudit.rows import PLAIN

Advice = tuple[str, str]  # a command, and what it tells


@dataclass(frozen=True, slots=True)
class Question:
    """What a challenge asks, and what to try beside the audits that answer it."""

    key: str
    title: str
    question: str
    further: tuple[Advice, ...] = ()


QUESTIONS = (
    Question(
        "noisy",
        "Noisy",
        "What happens when a modality is degraded, or a pair does not belong together?",
    ),
    Question("incomplete", "Incomplete", "What happens when modalities are absent?"),
    Question("imbalanced", "Imbalanced", "Does one modality dominate the others?"),
    Question(
        "varying",
        "Quality-varying",
        "When quality changes from sample to sample, does trust move off the bad modality?",
        (
            (
                "mmaudit corrupt DATASET OUT --apply PART --severity-per-sample",
                "the same on data whose quality changes from sample to sample, once audited",
            ),
        ),
    ),
)
MORE = Question(PLAIN.challenge, "Further audits", "What else was asked of this run?")


def sections(run: RunData) -> tuple[Section, ...]:
    """The four challenges of a run, then the audits that belong to none of them."""
    placed = layouts.placed(run)
    keys = {question.key for question in QUESTIONS}
    others = [one for one in placed if one.view.challenge not in keys]
    every = [(q, [one for one in placed if one.view.challenge == q.key]) for q in QUESTIONS]
    return tuple(
        _section(question, here, run)
        for question, here in (*every, *([(MORE, others)] if others else ()))
    )


def _section(question: Question, here: list[layouts.Placed], run: RunData) -> Section:
    shown = [layouts.shown(run, one) for one in here]
    galleries = (gallery(run, one.audit.name, one.view) for one in here)
    return Section(
        key=question.key,
        title=question.title,
        question=question.question,
        headlines=tuple(dict.fromkeys(h for one in shown for h in one.headlines if h)),
        notes=tuple(dict.fromkeys(n for one in shown for n in one.notes)),
        advice=_advice(question, here, run),
        charts=tuple(c for one in shown for c in one.charts),
        tables=tuple(t for one in shown for t in one.tables),
        galleries=tuple(g for g in galleries if g is not None),
        audited=bool(here),
        unasked=tuple(layouts.notes(run, here)),
    )


def _advice(question: Question, here: list[layouts.Placed], run: RunData) -> tuple[Advice, ...]:
    """The commands of installed audits that this run has no answers of."""
    there = {(one.audit.name, one.view.form) for one in here}
    views = [
        view
        for name, some in run.installed.items()
        for view in some
        if view.challenge == question.key and view.command and (name, view.form) not in there
    ]
    views.sort(key=layouts.order)
    return (*((view.command, view.tells) for view in views), *question.further)
