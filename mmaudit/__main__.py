"""Entry point of ``mmaudit`` and ``python -m mmaudit``."""

import sys

from mmaudit.cli import main


def run() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
