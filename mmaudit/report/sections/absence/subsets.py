"""What a report shows of all subsets of modalities: each one, and what holds under every one."""

from collections.abc import Iterator, Mapping

from mmaudit.names import NONE, absent, up_to
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.subsets import name, subsets
from mmaudit.report.read import AuditData, RunData, SummaryRow, further
from mmaudit.report.sections import sweeps
from mmaudit.rows import Estimate

HEADS = ("absent", "always as clean", "always right", "worst seen", "at worst", "mean", "equity")
UNDECIDED = "no shown difference"
Present = tuple[str, ...]


def charts(audit: AuditData) -> Iterator[Chart]:
    """One chart of all subsets for each absence policy, the worst of as many modalities marked."""
    metric, worst = sweeps.primary(audit), _worst(audit)
    for policy, cells in sweeps.present(audit).items():
        how = f" (absence policy {policy})" if policy else ""
        title, every = f"{metric} by modalities present{how}", max(cells, key=len)
        yield subsets(title, metric, every, cells, worst.get(policy, frozenset()))


def tables(audit: AuditData) -> Iterator[Table]:
    """What holds under every subset, by how many modalities are absent; none where not all were."""
    metric = sweeps.primary(audit)
    rows = []
    for policy in sweeps.present(audit):
        for count in range(1, len(_modalities(audit))):
            many = f"{count} ({policy})" if policy else str(count)
            right = _one(audit, "certified_right", up_to(count), policy)
            alike = _one(audit, "certified_same", up_to(count), policy)
            worst = _one(audit, f"{metric}_worst_subset", absent(count), policy)
            mean = _one(audit, f"{metric}_mean_subset", absent(count), policy)
            equity = _one(audit, f"{metric}_equity", absent(count), policy)
            if worst is not None:
                which = f"only {name(sweeps.present_of(worst))}"
                rows.append((many, _of(alike), _of(right), which, *map(_of, (worst, mean, equity))))
    if rows:
        title = f"{metric} by how many modalities are absent; always: under all subsets up to that"
        yield table(title, HEADS, rows)


def compared(run: RunData, audit: AuditData) -> Iterator[Table]:
    """Which absence policy is better under which subset; none where one alone was asked."""
    rows = further(run, audit, "policies")
    if not rows:
        return
    names = ("present", "policy", "over", "value", "low", "high", "n", "better")
    listed = [
        (present or NONE, f"{policy} over {over}", Estimate(*gain), better or UNDECIDED)
        for present, policy, over, *gain, better in zip(*(rows[n] for n in names), strict=True)
    ]
    title = f"{sweeps.primary(audit)} under one absence policy less that under another"
    yield table(title, ("present", "policies", "gain", "better"), listed)


def beside_one(run: RunData, audit: AuditData) -> Iterator[Table]:
    """How the model does under each subset beside a model of one modality that is left."""
    rows = further(run, audit, "unimodal")
    if not rows:
        return
    names = ("present", "policy", "reference", "accuracy_reference", "value", "low", "high", "n")
    listed = [
        (
            f"{present} ({policy})" if policy else present,
            what,
            share,
            Estimate(*gain),
            "worse" if worse else "not shown to be worse",
        )
        for present, policy, what, share, *gain, worse in zip(
            *(rows[n] for n in (*names, "worse")), strict=True
        )
    ]
    heads = (
        "present",
        "best model of one modality",
        "its accuracy",
        "gain over it",
        "the model is",
    )
    yield table("Accuracy of the model with what is left less that of one modality", heads, listed)


def _modalities(audit: AuditData) -> Present:
    return max((k for cells in sweeps.present(audit).values() for k in cells), key=len, default=())


def _one(audit: AuditData, metric: str, title: str, policy: str) -> SummaryRow | None:
    wanted = f"{title} ({policy})" if policy else title
    return next((r for r in audit.having(metric) if r.get("condition") == wanted), None)


def _of(row: SummaryRow | None) -> Estimate | None:
    return None if row is None else row.estimate


def _worst(audit: AuditData) -> Mapping[str, frozenset[Present]]:
    """The worst subsets that were seen, by absence policy; not where there is but one."""
    marked: dict[str, set[Present]] = {}
    few = len(_modalities(audit)) < 2
    for row in audit.having(f"{sweeps.primary(audit)}_worst_subset"):
        policy = str(row.get("condition")).partition(" (")[2].removesuffix(")")
        if not few:
            marked.setdefault(policy, set()).add(sweeps.present_of(row))
    return {policy: frozenset(some) for policy, some in marked.items()}
