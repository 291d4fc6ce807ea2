"""Make ``docs/reference``: ``python docs/make.py``, or with ``--check`` say what is not as made.

The pages come from the parts themselves: parameters, docstrings, options, help. A new part is on
its page when this has run; nothing here names it.
"""

import sys
from pathlib import Path

from makers import pages
from makers.files import differences, write

FOLDER = Path(__file__).parent / "reference"


def main(arguments: list[str]) -> int:
    """Write the pages, or compare; 1 where a page is not as it would be made."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        for name in write(FOLDER, pages.everything()):
            print(f"docs/reference/{name}")
        return 0
    stale = list(differences(FOLDER, pages.everything()))
    for name in stale:
        print(f"docs/reference/{name} is not as it would be made: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
