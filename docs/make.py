"""Make ``docs/reference`` and ``mmaudit/__init__.pyi``: ``python docs/make.py``.

With ``--check`` say what is not as it is made.

The pages come from the parts themselves: parameters, docstrings, options, help. A new part is on
its page when this has run; nothing here names it.
"""

import sys
from pathlib import Path

from makers import pages
from makers.files import differences, write
from makers.stub import stub

FOLDER = Path(__file__).parent / "reference"
STUB = Path(__file__).parents[1] / "mmaudit" / "__init__.pyi"


def main(arguments: list[str]) -> int:
    """Write the pages, or compare; 1 where a page is not as it would be made."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        for name in write(FOLDER, pages.everything()):
            print(f"docs/reference/{name}")
        STUB.write_text(stub(), "utf-8")
        return 0
    stale = [f"docs/reference/{name}" for name in differences(FOLDER, pages.everything())]
    stale += [] if STUB.read_text("utf-8") == stub() else ["mmaudit/__init__.pyi"]
    for name in stale:
        print(f"{name} is not as it would be made: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
