"""How often a method is said to help where nothing is wrong, by the whole audit of new data each time.

    python tests/benchmarks/study_nothing_wrong.py SETS

Two modalities are complete and alike, and each says the class; or, where `nothing to learn`, neither says
anything, so that all methods have a third right and whoever is said to help is so wrongly.
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import nothing_wrong


def main():
    """Print in how many sets any method is said to help, or to harm, by family of conditions."""
    sets = int(sys.argv[1])
    for name, signal in (("nothing wrong", 1.0), ("nothing to learn", 0.0)):
        sets_with: Counter = Counter()
        for seed in range(sets):
            with TemporaryDirectory() as folder:
                said = nothing_wrong.verdicts(Path(folder), seed, signal)
            sets_with.update({(family, word) for family, words in said.items() for word in words})
            sets_with.update({("any", word) for words in said.values() for word in words})
        for (family, word), count in sorted(sets_with.items()):
            if word in {"helps", "harms"}:
                print(f"{name}: {word} in {count} of {sets} sets, {family}")


if __name__ == "__main__":
    main()
