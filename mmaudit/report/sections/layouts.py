"""Layouts: how a report shows the summary of an audit, by the form that the audit names."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mmaudit.report.blocks import Chart, Table, explained, table
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import (
    calibration,
    early,
    inspection,
    pairs,
    shares,
    sweeps,
    worst,
)
from mmaudit.report.sections.absence import absences, imputations, subsets
from mmaudit.report.sections.checks import Json, metrics_of, of_audits, of_subsets
from mmaudit.report.sections.contests import leaderboards
from mmaudit.report.sections.varying import moves, trust
from mmaudit.report.words import said
from mmaudit.rows import PLAIN, View

SUBSETS = "subsets"  # the form of what is about absent modalities


@dataclass(frozen=True, slots=True)
class Body:
    """What a section shows of an audit.

    Attributes:
        headlines: What it said, one sentence each.
        notes: What to beware of.
        charts: Its charts.
        tables: Its tables.
    """

    headlines: tuple[str, ...]
    notes: tuple[str, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def _always(_audit: AuditData) -> bool:
    return True


def _about_audit(audit: AuditData, verdict: Json) -> bool:
    return audit.name in of_audits(verdict)


@dataclass(frozen=True, slots=True)
class Layout:
    """One form.

    Attributes:
        show: What it shows of an audit.
        speaks: Whether the audit has numbers that it shows.
        gated: Whether a check of a verdict asks about them.
    """

    show: Callable[[RunData, AuditData], Body]
    speaks: Callable[[AuditData], bool] = _always
    gated: Callable[[AuditData, Json], bool] = _about_audit


@dataclass(frozen=True, slots=True)
class Placed:
    """A view of an audit that is in a run."""

    audit: AuditData
    view: View

    @property
    def about(self) -> str:
        """What it is about, in a sentence."""
        return self.view.about or self.audit.name.replace("_", " ")


def layout(view: View) -> Layout:
    """The layout of a view; every number where this version does not know its form."""
    return LAYOUTS.get(view.form, LAYOUTS[PLAIN.form])


def order(view: View) -> int:
    """Which comes first within a challenge."""
    return list(LAYOUTS).index(view.form) if view.form in LAYOUTS else len(LAYOUTS)


def placed(run: RunData) -> tuple[Placed, ...]:
    """The views of a run that have something to show, in the order of their forms."""
    every = [
        Placed(audit, view)
        for audit in run.audits.values()
        for view in [v for v in audit.views if layout(v).speaks(audit)] or audit.views[:1]
    ]
    return tuple(sorted(every, key=lambda one: (order(one.view), one.audit.name)))


def shown(run: RunData, one: Placed) -> Body:
    """What a section shows of an audit, its metrics explained by what its summary says."""
    by_form, meanings = layout(one.view).show(run, one.audit), one.audit.meanings
    charts = (replace(c, table=explained(c.table, meanings)) for c in by_form.charts)
    tables = (explained(t, meanings) for t in by_form.tables)
    return replace(by_form, charts=tuple(charts), tables=tuple(tables))


def _body(audit: AuditData, charts: Iterable[Chart], tables: Iterable[Table]) -> Body:
    return Body((said(audit.origin.headline),), audit.origin.notes, tuple(charts), tuple(tables))


def _sweep(run: RunData, audit: AuditData) -> Body:
    charts = (*sweeps.curves(run, audit, sweeps.is_corrupted), *calibration.charts(run, audit))
    stages = early.tables(run, audit, sweeps.is_corrupted)
    curves = sweeps.whole_curves(audit, sweeps.is_corrupted)
    beside = worst.tables(audit, sweeps.primary(audit))
    body = _body(audit, charts, (*curves, *beside, *stages, *sweeps.slices(audit)))
    if not any(map(sweeps.is_missing, audit.rows)):
        return body
    return replace(body, notes=tuple(n for n in body.notes if not absences.is_of_absence(n)))


def _subsets(run: RunData, audit: AuditData) -> Body:
    charts = (
        *subsets.charts(audit),
        *absences.charts(audit),
        *sweeps.curves(run, audit, sweeps.is_planned),
    )
    stages = early.tables(run, audit, sweeps.is_missing)
    whole = sweeps.whole_curves(audit, sweeps.is_planned)
    absent = (*absences.tables(run, audit), *imputations.tables(run, audit))
    of_subsets = (*subsets.tables(audit), *subsets.compared(run, audit))
    tables = (*of_subsets, *subsets.beside_one(run, audit), *absent, *whole, *stages)
    notes = tuple(filter(absences.is_of_absence, audit.origin.notes))
    return Body((sweeps.subset_headline(audit),), notes, charts, tables)


def _trust(_run: RunData, audit: AuditData) -> Body:
    return Body((trust.headline(audit),), (trust.NOTE,), tuple(trust.charts(audit)), ())


def _moves(run: RunData, audit: AuditData) -> Body:
    return _body(audit, moves.charts(audit), moves.tables(run, audit))


def _inspection(run: RunData, audit: AuditData) -> Body:
    body = _body(audit, inspection.charts(run, audit), inspection.tables(run, audit))
    return replace(body, notes=tuple(n for n in body.notes if not inspection.is_of_absence(n)))


def _absence(_run: RunData, audit: AuditData) -> Body:
    notes = tuple(filter(inspection.is_of_absence, audit.origin.notes))
    charts, tables = inspection.absent_charts(audit), inspection.absent_tables(audit)
    return Body((inspection.absent_headline(audit),), notes, tuple(charts), tuple(tables))


def _every(_run: RunData, audit: AuditData) -> Body:
    heads = (*audit.columns, "slice", "metric", "estimate", "n")
    rows = [
        (
            *(r.get(k) for k in audit.columns),
            r.slice,
            r.metric,
            r.estimate,
            r.estimate and r.estimate.n,
        )
        for r in audit.rows
    ]
    title = f"{audit.name.replace('_', ' ').capitalize()}: every number"
    return _body(audit, (), (table(title, heads, rows),))


LAYOUTS: Mapping[str, Layout] = {
    "sweep": Layout(
        _sweep,
        speaks=lambda audit: (
            any(map(sweeps.is_corrupted, audit.rows)) or not any(map(sweeps.is_missing, audit.rows))
        ),
    ),
    SUBSETS: Layout(
        _subsets,
        speaks=lambda audit: any(map(sweeps.is_missing, audit.rows)),
        gated=lambda _, verdict: of_subsets(verdict),
    ),
    "pairs": Layout(lambda r, a: _body(a, pairs.charts(r, a), pairs.tables(r, a))),
    "inspection": Layout(_inspection),
    "absence": Layout(
        _absence,
        gated=lambda audit, verdict: bool(
            set(inspection.OF_ABSENCE) & metrics_of(verdict, audit.name)
        ),
    ),
    "shares": Layout(lambda r, a: _body(a, shares.charts(r, a), shares.tables(a))),
    "moves": Layout(_moves),
    "leaderboard": Layout(
        lambda r, a: _body(a, leaderboards.charts(r, a), leaderboards.tables(r, a))
    ),
    "trust": Layout(
        _trust,
        speaks=trust.is_measured,
        gated=lambda audit, verdict: bool(trust.METRICS & metrics_of(verdict, audit.name)),
    ),
    PLAIN.form: Layout(_every),
}


def notes(run: RunData, here: Iterable[Placed]) -> Iterator[str]:
    """Which of some views no check of the gate is about; nothing without a gate."""
    for one in here:
        if run.verdict is not None and not layout(one.view).gated(one.audit, run.verdict):
            yield f"No check asked about {one.about}."
