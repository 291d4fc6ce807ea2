"""What docs/inspect.md says that `inspect` gets wrong and sees, by simulation.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_inspect.py [shifts] [slices] [little] [mechanisms] [--sets N]

shifts: sets of 64 comparisons whose splits are drawn alike, single and in groups; and with one
check that is worse in test. Printed: the share of sets with any finding, with that one, and with
any other, and how often an end of `shift_auroc` is past the truth, by side, where all are alike.

slices: sets whose findings fall by chance, single, as copies and in groups, and with one kind that
is more frequent in a class. Printed: pairs, and the share of sets with any finding, with that one.

little: numbers that are absent completely at random, in blocks and by cells, and blocks that follow
a number that is there. Printed: sets of which nothing is said, and the share with p at most .05.

mechanisms: absence at random, by what is present, by its square, by the label and by both.
Printed: how often each was said.
"""

import argparse
from collections import Counter

import numpy as np

from absent_values import by_mechanism, in_blocks, in_cells
from inspected import drawn, kinds_of_findings, opinions
from mmaudit.audits.inspect.comparisons.finding_kinds import FindingKind
from mmaudit.audits.inspect.comparisons.shifts import shifts
from mmaudit.audits.inspect.comparisons.slices import gatherings
from mmaudit.measures.data.absence import absence
from mmaudit.measures.data.little import little_test

PLANTED = ("image/noise", "test")
ALIKE = ((300, {}), (2000, {}), (300, {"group_size": 5}), (2000, {"group_size": 20}))
WORSE = ((300, {"worse": 0.7}), (1000, {"worse": 0.4}))

BY_CHANCE = (
    (600, {}),
    (2000, {}),
    (600, {"copied": 0.15}),
    (2000, {"group_size": 5}),
    (2000, {"group_size": 20, "copied": 0.1}),
)
IN_A_CLASS = ((600, {"more": 0.12}), (2000, {"more": 0.06}))

LOST = (
    *((in_blocks, *shape) for shape in ((100, 6), (300, 6), (300, 18), (2000, 18))),
    *((in_cells, *shape) for shape in ((300, 6), (1000, 6), (1000, 10), (4000, 18))),
    (in_blocks, 300, 6, 0.5),
)


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


def of_little(sets):
    for name, law in (("normal", np.array), ("log-normal", np.exp)):
        for lost, n, width, *drive in LOST:
            every = [little_test(lost(seed, n, width, law, *drive)) for seed in range(sets)]
            p = np.array([test.p_value for test in every if test is not None])
            share = f"{np.mean(p <= 0.05):.4f}" if p.size else ""
            print(name, lost.__name__, n, width, *drive, sets - p.size, share, flush=True)


def of_mechanisms(sets):
    for n in (300, 600, 2000):
        for kind in ("random", "data", "square", "label", "both"):
            said = Counter(
                absence(*by_mechanism(kind, seed, n), np.random.default_rng(seed)).mechanism
                for seed in range(sets)
            )
            print(n, kind, {name: count / sets for name, count in said.most_common()}, flush=True)


STUDIES = {
    "shifts": of_shifts,
    "slices": of_slices,
    "little": of_little,
    "mechanisms": of_mechanisms,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=list(STUDIES), choices=STUDIES)
    parser.add_argument("--sets", type=int, default=200)
    given = parser.parse_args()
    for name in given.what:
        STUDIES[name](given.sets)
