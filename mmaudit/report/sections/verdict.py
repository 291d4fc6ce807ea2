"""The verdict card: what failed, by how much, against which limit, how sure, and what then."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmaudit.formats import number
from mmaudit.report.read import RunData
from mmaudit.report.sections.checks import OF_SUBSETS, Json, bounded, keyed, of_audits
from mmaudit.report.words import condition, listed
from mmaudit.rows import PLAIN, Estimate

MOST = 4  # checks on the card
CHIPS = {"pass": "passes", "fail": "fails", "inconclusive": "undecided"}


@dataclass(frozen=True, slots=True)
class Miss:
    """One check that did not pass, for someone who was not there.

    Attributes:
        key: Anchor of the check.
        name: The check.
        status: What its outcome means for the gate.
        what: What was measured, against which limit, and by how much it missed it.
        sure: How sure that is.
        then: What to do next.
        place: Anchor of the section that shows more; empty where the page has none.
    """

    key: str
    name: str
    status: str
    what: str
    sure: str
    then: str
    place: str


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """The verdict at the top of the page.

    Attributes:
        look: ``pass``, ``fail``, ``inconclusive`` or ``none``.
        chip: That in a word.
        lead: One sentence.
        findings: The checks that did not pass, the worst first.
        more: How many further ones did not.
        notes: What the checks do not say.
    """

    look: str
    chip: str
    lead: str
    findings: tuple[Miss, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()


def card(run: RunData, places: set[str]) -> VerdictCard:
    """The verdict of a run.

    Args:
        run: The run.
        places: Anchors of the sections of the page.
    """
    verdict = run.verdict
    if verdict is None:
        if run.refusal:
            return VerdictCard("none", "no answer", f"The last gate gave no answer: {run.refusal}.")
        return VerdictCard("none", "no gate", "No gate has judged this run.")
    bad = [pair for pair in keyed(verdict) if pair[1]["status"] != "pass"]
    findings = tuple(_finding(run, key, result, places) for key, result in bad[:MOST])
    look = str(verdict["outcome"])
    lead = _lead(verdict)
    return VerdictCard(
        look, CHIPS[look], lead, findings, len(bad) - len(findings), tuple(_notes(run))
    )


def _lead(verdict: Json) -> str:
    results = verdict["results"]
    counts = {s: sum(r["status"] == s for r in results) for s in ("fail", "inconclusive", "warn")}
    total = f"{len(results)} check{'s'[: len(results) > 1]}"
    words = {"fail": "failed", "inconclusive": "could not be decided", "warn": "gave a warning"}
    said = [f"{n} {words[s]}" for s, n in counts.items() if n]
    if not said:
        return f"All {total} pass." if len(results) > 1 else "The only check passes."
    return f"Of {total}, {listed(said)}."


def _notes(run: RunData) -> Iterator[str]:
    """What a reader would take the verdict for, and should not."""
    verdict = run.verdict or {}
    others = [name for name in run.audits if name not in of_audits(verdict)]
    if others:
        them = "what it found stands" if len(others) == 1 else "what they found stands"
        yield f"No check asked about {listed(others)}: {them} below."
    yield from verdict.get("notes", ())


def _finding(run: RunData, key: str, result: Json, places: set[str]) -> Miss:
    cell = _leading(result)
    e = bounded(cell)
    audit = str(result["metric"]).partition(".")[0]
    place = _place(run, audit, cell["label"])
    where = condition(cell["label"])
    what = _measured(cell, e, _plainly(run, audit, cell["quantity"]))
    return Miss(
        key=key,
        name=result["id"],
        status=result["status"],
        what=(f"{where}: " if where else "") + what + _others(result, cell),
        sure=_sure(cell, e, result),
        then=_then(run, cell, e),
        place=place if place in places else "",
    )


def _place(run: RunData, audit: str, label: str) -> str:
    """The challenge under which a row of an audit is shown."""
    views = run.audits[audit].views if audit in run.audits else (PLAIN,)
    absent = [view for view in views if view.form == "subsets" and label.startswith(OF_SUBSETS)]
    return (*absent, *views)[0].challenge


def _leading(result: Json) -> Json:
    """The row that a check is told by: its worst, or the one that leaves it open.

    Where some rows may fail and no more of them do, one that failed is not what is undecided.
    """
    cells: Sequence[Json] = result["cells"]
    failed = sum(one["outcome"] in {"fail", "missing"} for one in cells)
    open_ = [one for one in cells if one["outcome"] == "inconclusive"]
    return open_[0] if open_ and failed <= result.get("max_failing_rows", 0) else cells[0]


def _others(result: Json, cell: Json) -> str:
    """How many rows of the check are like this one, and how many may be."""
    bad = sum(one["outcome"] == cell["outcome"] for one in result["cells"])
    text = f" The worst of {bad} such rows among {result['family']}." if bad > 1 else ""
    allowed = result.get("max_failing_rows", 0)
    if not allowed:
        return text
    past = sum(one["outcome"] == "fail" for one in result["cells"])
    are = "is" if past == 1 else "are"
    rows = f"{past} of {result['family']} rows {are} surely past the limit"
    return f"{text} {rows}; {allowed} may be."


def _plainly(run: RunData, audit: str, quantity: str) -> str:
    """A quantity, a metric in the words of its table."""
    meanings = run.audits[audit].meanings if audit in run.audits else {}
    help_ = meanings[quantity].help if quantity in meanings else ""
    return f"{help_} ({quantity})" if help_ else quantity


def _measured(cell: Json, e: Estimate | None, quantity: str) -> str:
    least = cell["kind"] == "min"
    wanted = f"{'at least' if least else 'at most'} {number(cell['limit'])}"
    if e is None:
        return f"{quantity}: {cell['reason']}; {wanted} was asked."
    text = f"{quantity} is {number(e.value)}; {wanted} was asked"
    gap = (cell["limit"] - e.value) * (1 if least else -1)
    if gap > 0:
        return f"{text}, so it is {number(gap)} {'short' if least else 'too much'}."
    return f"{text}, which this sample keeps by {number(-gap)}."


def _sure(cell: Json, e: Estimate | None, result: Json) -> str:
    if e is None:
        return "Nothing was measured, and what is absent does not pass."
    shown = f"[{_end(e.low)}, {_end(e.high)}], n = {e.n:,}"
    beyond = e.high < cell["limit"] if cell["kind"] == "min" else e.low > cell["limit"]
    if cell["outcome"] == "inconclusive" and beyond:
        return (
            f"Not decided: its interval {shown} is past the limit, which is not enough "
            f"where {result['family']} rows are tested together."
        )
    if cell["outcome"] == "inconclusive":
        return f"Not decided: its interval {shown} reaches the limit."
    if beyond:
        family = f", corrected for {result['family']} rows together" if result["corrected"] else ""
        level = f"{100 * result.get('confidence', 0.95):g} %"
        return f"Sure: its whole interval at {level}, {shown}, is past the limit{family}."
    return f"Not sure: its interval {shown} reaches the limit; the check fails what is in doubt."


def _end(value: float) -> str:
    return "…" if math.isinf(value) else number(value)


def _then(run: RunData, cell: Json, e: Estimate | None) -> str:
    verdict = run.verdict or {}
    if e is None:
        return "Run the audit that measures it, or mend the check's metric."
    if cell["outcome"] == "inconclusive":
        if cell["needed"]:
            return f"Ask about {cell['needed']:,} samples or more; these were {e.n:,}."
        return "More samples alone are not known to decide it: widen the limit or narrow the check."
    if "baseline" in cell["quantity"]:
        return (
            f"mmaudit diff {verdict.get('baseline') or 'BASELINE'} {verdict['run']} compares all."
        )
    if cell["label"] in {"", "clean"}:
        return "Look at the samples below that are wrong on clean data."
    return "Look below at what that does to a sample, and at the severity where the limit breaks."
