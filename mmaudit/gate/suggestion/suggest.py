"""A gate file from a reference run: bounds that an equally good model clears on fresh samples."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from pathlib import Path
from textwrap import wrap

from mmaudit.errors import InputError
from mmaudit.formats import interval, number
from mmaudit.gate.numbers.baseline import incomparable
from mmaudit.gate.suggestion.candidates import Candidate, is_shares, of_run, selected
from mmaudit.gate.suggestion.widened import widened
from mmaudit.names import ALL
from mmaudit.tables import run as runs
from mmaudit.tables.run import Row, Summary

ERROR = 0.05  # how often an equally good model may miss any of the bounds
DECIMALS = 3  # of a bound; where they would say nothing, as many digits
LINE = 98
SURELY = "fails what is surely worse than the baseline, and is judged with"


@dataclass(frozen=True, slots=True)
class Named:
    """A baseline run and what to call it.

    Attributes:
        name: Its name, or its path.
        run: The run directory.
    """

    name: str
    run: Path


def suggest(run: str | Path, baseline: Named | None = None) -> str:
    """The text of a gate file that this run passes, and an equally good model on fresh samples.

    Clean numbers, and the numbers of audits that have no conditions, are held on their bad side;
    every corruption at every severity may cost the audit's main metric so much; every modality
    that brings something is to go on doing so; and the main metric on clean data is compared with
    a baseline. Each bound leaves room for what this run's samples and as many fresh ones miss of
    the truth, so that all checks together pass in 95 % of the cases or more. Bounds are rounded
    outward to three decimals, and those below 0.001 to three digits.

    Args:
        run: The run directory.
        baseline: What to compare with; without one that check is a comment.

    Raises:
        InputError: There is no such run, it holds no number to start from, or it is damaged.
        IncompleteError: No audit of it has finished.
    """
    summaries = [runs.read(Path(run), name) for name in runs.finished(run)]
    candidates = [one for summary in summaries for one in of_run(summary)]
    if not candidates:
        raise InputError(
            "the run holds no clean number, drop or contribution of one model, nor of a dataset, "
            "which are what limits are suggested for",
            where=str(run),
            fix="audit a model or the dataset first, or write checks by hand",
        )
    compared = list(_clean(summaries))
    error = ERROR / (len(candidates) + len(compared))
    bounds = [(one, _limit(one, error)) for one in candidates]
    checks = [_check(one, limit) for one, limit in bounds if limit is not None]
    blind = [one.name for one, limit in bounds if limit is None]
    parts = ["schema = 1", _head(run, len(candidates) + len(compared), error), *checks]
    parts += [_against(*pair, error, run, baseline) for pair in compared]
    return "\n\n".join([*parts, *_notes(summaries, candidates, blind)]) + "\n"


def _head(run: str | Path, count: int, error: float) -> str:
    return _comment(
        f"Bounds from {run}. An equally good model that is asked about as many fresh samples "
        f"passes all {count} checks together in 95 % of the cases or more: each bound leaves "
        f"room for what these samples and the fresh ones miss of the truth, and is missed in "
        f"at most {100 * error:.2g} % of them. Models that are asked about the same samples "
        'need far less room: compare them sample by sample, with against = "baseline".'
    )


def _limit(one: Candidate, error: float) -> float | None:
    """The bound of a check; None where none would say anything."""
    if one.grounds is None:
        limit = widened(one.estimate, one.sign, error, one.reach)
    else:
        from mmaudit.gate.suggestion.predictive import bound  # noqa: PLC0415  NumPy, which is there

        limit = bound(one.grounds, one.sign, error)  # type: ignore[arg-type]
    return limit if limit is not None and math.isfinite(limit) and one.says(limit) else None


def _check(one: Candidate, limit: float) -> str:
    e = one.estimate
    room = number(abs(limit - e.value))
    return "\n".join(
        [
            f"# {interval(e.value, e.low, e.high)}, n = {e.n:,}; room: {room}",
            "[[check]]",
            f"id = {json.dumps(one.name)}",
            f"metric = {json.dumps(one.selector)}",
            f"{one.kind} = {_outward(limit, ROUND_FLOOR if one.sign < 0 else ROUND_CEILING)}",
        ]
    )


def _clean(summaries: Sequence[Summary]) -> Iterator[tuple[Summary, Row]]:
    """The main metric of each sweep on clean data."""
    for summary in summaries:
        main = summary.main
        if "condition" in summary.columns and summary.better(main) != "neither":
            row = summary.clean(main, ALL)
            if row is not None and runs.estimate(row["estimate"]) is not None:
                yield summary, row


def _against(
    summary: Summary, row: Row, error: float, run: str | Path, baseline: Named | None
) -> str:
    """The check of a clean number against a baseline; a comment where there is none."""
    confidence = Decimal(1 - 2 * error).quantize(Decimal("0.000001"), ROUND_CEILING)
    title = f"clean {row['metric']} against the baseline"
    check = [
        "[[check]]",
        f"id = {json.dumps(title)}",
        f"metric = {json.dumps(selected(summary, row, ('condition',)))}",
        "max_drop = 0.0",
        'against = "baseline"',
        'fail_when = "proven"',
        f"confidence = {confidence}",
    ]
    name = "main" if baseline is None else baseline.name
    judge = f"# mmaudit gate RUN --config gate.toml --baseline {name}"
    if baseline is not None:
        base = runs.read(baseline.run, summary.audit)
        why = base.absent or incomparable(summary.origin, base.origin, row)
        if not why:
            return "\n".join([f"# This check {SURELY}", judge, *check])
        says = _comment(f"{name} cannot be compared with this run ({why}). Name another baseline:")
    else:
        says = "# No baseline has a name here. Name one:"
    head = [says, f"# mmaudit baseline set main {run}", f"# Then this check {SURELY}", judge]
    return "\n".join([*head, "# and take away the # below.", *(f"# {line}" for line in check)])


def _notes(
    summaries: Sequence[Summary], candidates: Sequence[Candidate], blind: Sequence[str]
) -> Iterator[str]:
    """What the checks leave open."""
    if blind:
        yield _comment(
            f"Left out, {len(blind)}: {', '.join(blind)}. Either the number has no interval, or "
            "a few samples make it, or any model would clear the bound."
        )
    drops = any(one.kind == "max_drop" for one in candidates)
    if drops and not any(map(is_shares, summaries)):
        yield (
            "# A model that ignores a modality loses nothing when it is damaged. After\n"
            "# mmaudit contributions DATASET --model SPEC --out RUN\n"
            "# --suggest also asks that each modality stays used."
        )


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in wrap(text, LINE, break_on_hyphens=False))


def _outward(edge: float, rounding: str) -> Decimal:
    """An edge with few digits, on the far side of itself; whole numbers keep all of theirs."""
    exact = Decimal(repr(edge))
    small = exact != 0 and exact.adjusted() < -DECIMALS
    finest = exact.adjusted() - DECIMALS + 1 if small else -DECIMALS
    digits = max(exact.adjusted() - finest + 2, 1)
    return exact.quantize(Decimal((0, (1,), finest)), rounding, Context(prec=digits))
