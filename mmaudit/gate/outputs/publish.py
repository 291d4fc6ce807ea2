"""Everything a verdict is told in: files, and the places that a build names."""

from collections.abc import Mapping
from pathlib import Path

from mmaudit.errors import UsageError
from mmaudit.gate.outputs import document
from mmaudit.gate.outputs.annotations import annotations
from mmaudit.gate.verdict import Verdict

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
ACTIONS = "GITHUB_ACTIONS"


def publish(
    verdict: Verdict,
    *,
    json: Path,
    junit: Path | None = None,
    markdown: Path | None = None,
    environment: Mapping[str, str],
) -> list[str]:
    """Write the verdict wherever it was asked for, and return the lines a build should print.

    Args:
        verdict: What was decided.
        json: Where ``verdict.json`` goes.
        junit: Where JUnit XML goes.
        markdown: Where Markdown goes.
        environment: The process's environment, which may name a step summary.

    Raises:
        UsageError: A file cannot be written.
    """
    try:
        document.write(verdict, json)
        if junit is not None:
            from mmaudit.gate.outputs import junit as xml  # noqa: PLC0415  only where it is asked for

            xml.write(verdict, junit)
        summary = environment.get(STEP_SUMMARY)
        if markdown is not None or summary:
            from mmaudit.gate.outputs.markdown import markdown as told  # noqa: PLC0415

            if markdown is not None:
                markdown.write_text(told(verdict), "utf-8")
            if summary:
                with Path(summary).open("a", encoding="utf-8") as file:
                    file.write(told(verdict))
    except OSError as error:
        raise UsageError(
            f"cannot write: {error.strerror}", where=str(error.filename), fix="another path"
        ) from error
    return annotations(verdict) if environment.get(ACTIONS) == "true" else []
