"""A comparison of two runs in words and as JSON."""

import json
from dataclasses import asdict
from pathlib import Path

from mmaudit.errors import UsageError
from mmaudit.formats import interval, number
from mmaudit.gate.diff.diff import Change, Diff
from mmaudit.gate.outputs.document import plain
from mmaudit.gate.verdict import printable

MOST = 20  # changes, and new or lost rows, that are shown


def lines(diff: Diff, most: int = MOST) -> list[str]:
    """What changed, the surest first; what is new and what is gone; who flipped."""
    compared = [c for c in diff.changes if c.difference is not None]
    sure = [c for c in compared if c.direction != "same"]
    counts = {d: sum(c.direction == d for c in sure) for d in ("worse", "better", "other")}
    head = f"{len(compared)} of {len(diff.changes)} shared rows compared: {counts['worse']} worse, "
    head += f"{counts['better']} better, {counts['other']} different, "
    out = [f"{head}at a false discovery rate of 5 %"]
    out += [f"{c.direction:6}  {_change(c)}" for c in sure[:most]]
    if len(sure) > most:
        out.append(f"        and {len(sure) - most} more")
    for reason, some in _reasons(diff).items():
        out.append(f"{some} rows {reason}")
    for word, names in (("new", diff.new), ("gone", diff.gone)):
        out += [f"{word:6}  {name}" for name in names[:most]]
        if len(names) > most:
            out.append(f"        and {len(names) - most} more {word} rows")
    for flips in [f for f in diff.flips if f.changed][:most]:
        out.append(
            f"flips   {flips.condition}: {flips.changed:,} of {flips.n:,} answers differ, "
            f"{flips.lost_count:,} lost, {flips.won_count:,} won"
        )
    return [printable(line) for line in out]


def write(diff: Diff, path: Path) -> None:
    """Write the comparison as JSON.

    Raises:
        UsageError: The file cannot be written.
    """
    text = json.dumps(plain(asdict(diff)), indent=1, ensure_ascii=False, allow_nan=False)
    try:
        path.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(path), fix="another path"
        ) from error


def _change(change: Change) -> str:
    d, a, b = change.difference, change.before, change.after
    if d is None or a is None or b is None or change.q_value is None:
        return f"{change.audit}: {change.metric} of {change.label}: {change.reason}"
    note = f" ({change.reason})" if change.reason else ""
    return (
        f"{change.audit}: {change.metric} of {change.label}: {number(a.value)} to "
        f"{number(b.value)}, difference {interval(d.value, d.low, d.high)}, "
        f"q = {change.q_value:.2g}{note}"
    )


def _reasons(diff: Diff) -> dict[str, int]:
    reasons = [c.reason for c in diff.changes if c.difference is None]
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
