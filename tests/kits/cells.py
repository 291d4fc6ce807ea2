"""Studies: functions of a module whose names end in ``_cells``, each run by its name."""

import argparse
from collections.abc import Mapping


def run(names: Mapping[str, object]):
    """Run the cells that the command line names, or all of them.

    Args:
        names: What the study's module holds; its cells take a number of sets.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("cells", nargs="*")
    parser.add_argument("--sets", type=int, default=2000)
    asked = parser.parse_args()
    end = "_cells"
    cells = {k.removesuffix(end): cell for k, cell in sorted(names.items()) if k.endswith(end)}
    for name in asked.cells or cells:
        cells[name](asked.sets)
