"""Diff: two runs compared, row by row and sample by sample."""

from pathlib import Path

from mmaudit.gate.diff import diff as comparison
from mmaudit.gate.diff import lines
from mmaudit.gate.diff.diff import Diff
from mmaudit.runs.folder import Run, folder_of


def diff(
    first: str | Path | Run, second: str | Path | Run, *, json: str | Path | None = None
) -> Diff:
    """Compare two runs: what changed, and which samples changed their mind.

    Args:
        first: A run, or its directory.
        second: The other one.
        json: Where to write every row and flipped sample.

    Returns:
        The rows that changed, those that one run alone has, and the flipped answers.

    Raises:
        InputError: There is no such run, or a table of it is damaged.
        UsageError: The file cannot be written.
    """
    result = comparison.diff(folder_of(first), folder_of(second))
    if json is not None:
        lines.write(result, Path(json))
    return result
