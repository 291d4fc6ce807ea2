"""Write a report to a file."""

from pathlib import Path

from mmaudit import files
from mmaudit.errors import UsageError
from mmaudit.report.formats.markdown import markdown
from mmaudit.report.formats.page import page
from mmaudit.report.read import RunData

NAMES = {"html": "report.html", "markdown": "report.md"}


def write(run: RunData, path: Path | None = None, form: str = "html") -> Path:
    """Write a report in one of its forms and return where it is.

    Args:
        run: The run.
        path: Where to write; into the run directory by default.
        form: ``html`` or ``markdown``.

    Raises:
        UsageError: The file cannot be written.
    """
    target = path or run.path / NAMES[form]
    if not target.parent.is_dir():
        raise UsageError(
            "there is no such folder", where=str(target.parent), fix="another path with -o"
        )
    text = markdown(run) if form == "markdown" else page(run, at=target.parent)
    try:
        files.write_text(target, text)
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(target), fix="another path with -o"
        ) from error
    return target
