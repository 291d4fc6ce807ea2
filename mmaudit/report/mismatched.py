"""What a report shows of noisy pairs: the rates, and the score beside its null."""

from collections.abc import Iterator

from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.histogram import histogram
from mmaudit.report.run import Audit, Run
from mmaudit.tables import store

PARTS = ("observed", "random", "hard", "fitted_mismatched")


def charts(run: Run, audit: Audit) -> Iterator[Chart]:
    """The histogram that the audit kept, if it kept one."""
    path = run.path / audit.name / "histogram.parquet"
    if not path.exists():
        return
    told = store.read(path).to_pydict()
    shares = {name: told[name] for name in PARTS if name in told}
    if shares and told["low"]:
        edges = [*told["low"], told["high"][-1]]
        yield histogram("How suspicious the pairs are", "score: higher is worse", edges, shares)


def tables(audit: Audit) -> Iterator[Table]:
    """Every number, the whole first and then the slices."""
    ordered = sorted(audit.rows, key=lambda r: (r.slice != "all", r.slice, r.metric))
    rows = [(r.metric, r.slice, r.estimate, r.estimate and r.estimate.n) for r in ordered]
    yield table("Noisy pairs: every number", ("metric", "slice", "estimate", "n"), rows)
