"""Say what is installed here, what is not, and what it takes."""

from typing import Annotated

import typer

ALONE = True  # it opens nothing that others wrote


def command(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what is installed here, what is not, and what it takes."""
    from dataclasses import asdict
    from json import dumps

    from mmaudit.errors import MissingError
    from mmaudit.models.doctor import findings

    all_findings = findings()
    if json:
        typer.echo(dumps([asdict(finding) for finding in all_findings], indent=2))
    else:
        for f in all_findings:
            typer.echo(f"{f.name:24} {f.state:9} {f.value}{f'  ({f.fix})' if f.fix else ''}")
    missing = [finding.name for finding in all_findings if finding.state == "missing"]
    if missing:
        raise MissingError(
            f"mmaudit cannot work without {', '.join(missing)}",
            fix=f"pip install {' '.join(missing)}",
        )
