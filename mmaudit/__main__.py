"""Entry point of ``mmaudit`` and ``python -m mmaudit``."""

import sys


def run() -> None:
    """Run the command line and leave with its exit code.

    Whatever happens on the way, even where a bug is shown, the end is here: Python's own would be
    1, which means that the answer is no.
    """
    code = 70
    try:
        from mmaudit.cli import main  # noqa: PLC0415  may fail, and that is no answer

        code = main(supervised=True)
    finally:
        sys.exit(code)


if __name__ == "__main__":
    run()
