"""Forms: what goes into a file, and what to a terminal."""

from pathlib import Path

from mmaudit.errors import UsageError


def require_file_form(out: Path | None) -> None:
    """Refuse a file for what is shown in a terminal.

    Raises:
        UsageError: There is one.
    """
    if out is not None:
        raise UsageError(
            "lines for a terminal go to no file",
            where=str(out),
            fix="--form html or --form markdown",
        )
