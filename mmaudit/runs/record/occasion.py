"""The occasion of a run: when it was made, and from which commit, for the page's heading."""

import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

COMMIT = re.compile("[0-9a-f]{7,64}(-dirty)?")
VARIABLES = (  # in which builds say their commit
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "BUILD_SOURCEVERSION",
    "BITBUCKET_COMMIT",
    "GIT_COMMIT",
)
PATIENCE = 10  # seconds for git
LETTERS = 12  # of a commit


def occasion(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What ``run.json`` notes: ``finished`` in UTC, and ``commit`` where there is one.

    Args:
        folder: The folder whose commit is asked for, where no build says its own.
        environment: The process's environment.
    """
    facts = {"finished": datetime.now(UTC).isoformat(timespec="seconds")}
    commit = next((environment[v] for v in VARIABLES if environment.get(v)), "") or _commit(folder)
    commit = commit[:LETTERS] + ("-dirty" if commit.endswith("-dirty") else "")
    return facts | ({"commit": commit} if COMMIT.fullmatch(commit) else {})


def _commit(folder: Path) -> str:
    """What git says of the folder; empty where it is none of git's, or there is no git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=64", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603  a fixed command
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
