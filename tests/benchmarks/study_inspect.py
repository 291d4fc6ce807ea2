"""What docs/inspect.md says that `inspect` gets wrong and sees, by simulation.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_inspect.py [shifts] [slices] [--sets N]

shifts: sets of 64 comparisons whose splits are drawn alike, single and in groups; and with one
check that is worse in test. Printed: the share of sets with any finding, with that one, and with
any other, and how often an end of `shift_auroc` is past the truth, by side, where all are alike.

slices: sets whose findings fall by chance, single, as copies and in groups, and with one kind that
is more frequent in a class. Printed: pairs, and the share of sets with any finding, with that one.
"""

import argparse

import numpy as np

from inspected import drawn, kinds_of_findings, opinions
from mmaudit.audits.inspect.comparisons.finding_kinds import FindingKind
from mmaudit.audits.inspect.comparisons.shifts import shifts
from mmaudit.audits.inspect.comparisons.slices import gatherings

PLANTED = ("image/noise", "test")
ALIKE = ((300, {}), (2000, {}), (300, {"group_size": 5}), (2000, {"group_size": 20}))
WORSE = ((300, {"worse": 0.7}), (1000, {"worse": 0.4}))

BY_CHANCE = ((600, {}), (2000, {}), (600, {"copied": 0.15}), (2000, {"group_size": 5}))
IN_A_CLASS = ((600, {"more": 0.12}), (2000, {"more": 0.06}))


def of_shifts(sets):
    for n, how in (*ALIKE, *WORSE):
        rows = []
        for seed in range(sets):
            contents = drawn(seed, n, **how)
            some = shifts(contents, opinions(contents), None)
            that = [one for one in some if (one.measured.check, one.split) == PLANTED]
            rest = [one for one in some if one not in that]
            past = [np.mean([one.auroc.low > 0.5 for one in rest])]
            past += [np.mean([one.auroc.high < 0.5 for one in rest])]
            hits = [any(one.differs for one in group) for group in (some, that, rest)]
            rows.append([*hits, *past])
        print(n, how, len(some), *(f"{x:.4f}" for x in np.mean(rows, axis=0)), flush=True)


def gathered(seed, n, more=0.0, **how):
    """Findings of a drawn set; of one kind more, that 3 % have by chance, and of cats more."""
    contents = drawn(seed, n, **how)
    chance = np.random.default_rng([seed, 3]).random(n)
    those = chance < 0.03 + more * (contents.names_of_labels == "cat")
    kind = FindingKind("image", "planted", those, np.ones(n, bool), None, contents.groups)
    return gatherings(contents, [*kinds_of_findings(contents), kind])


def of_slices(sets):
    for n, how in (*BY_CHANCE, *IN_A_CLASS):
        rows = []
        for seed in range(sets):
            some = gathered(seed, n, **how)
            that = any((g.kind.check, g.slice) == ("planted", "class=cat") for g in some.every)
            rows.append([sum(some.compared.values()), bool(some.every), that])
        print(n, how, *(f"{x:.4f}" for x in np.mean(rows, axis=0)), flush=True)


STUDIES = {"shifts": of_shifts, "slices": of_slices}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=list(STUDIES), choices=STUDIES)
    parser.add_argument("--sets", type=int, default=200)
    given = parser.parse_args()
    for name in given.what:
        STUDIES[name](given.sets)
