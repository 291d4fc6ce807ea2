"""Tables of docs/noisy_pairs.md: kinds of mismatch, real sets with and without classes, stuck values.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_pairs.py [kinds] [sets] [stuck]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow import parquet

from clip_like import clip_like, mismatched, unit
from mmaudit.measures.pairs.evidence.statistics import statistics
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.study import study
from pair_files import audited, summary, written
from places import SHARED

SEEDS, SHARE = 6, 0.2
SETS = {"scene15": ("view1", "view2"), "handwritten": ("pix", "fac")}


def of_classes(seed, n=1200, classes=12, d=160):
    """CLIP-like pairs of which half of the matched signal is that of their class."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes, n)
    item = 0.6 * (rng.normal(size=(classes, d))[label] + rng.normal(size=(n, d)))
    cone = 0.55 * rng.normal(size=d)
    sides = (item + 1.4 * rng.normal(size=(n, d)) + cone for _ in "ab")
    return *map(unit, sides), label


def nearest(left, seed, most):
    """A fifth of the rows with the partner of one of those that are most alike on the left."""
    rng, n = np.random.default_rng(seed), len(left)
    centred = unit(left - left.mean(0))
    similar = centred @ centred.T
    np.fill_diagonal(similar, -np.inf)
    partner = np.arange(n)
    rows = rng.permutation(n)[: round(SHARE * n)]
    partner[rows] = np.argsort(-similar[rows], axis=1)[
        np.arange(len(rows)), rng.integers(0, most, len(rows))
    ]
    return partner


def stuck(n, seed):
    """One value in a fifth of the rows."""
    rows = np.random.default_rng(seed).permutation(n)[: round(SHARE * n)]
    partner = np.arange(n)
    partner[rows] = rows[0]
    return partner


def late(n):
    """The last fifth of the rows late by one."""
    partner = np.arange(n)
    start = n - round(SHARE * n)
    partner[start:] = np.roll(partner[start:], 1)
    return partner


KINDS = {
    "random": lambda left, label, seed: mismatched(len(left), SHARE, seed)[0],
    "one value in a fifth of the rows": lambda left, label, seed: stuck(len(left), seed),
    "a fifth of the rows late": lambda left, label, seed: late(len(left)),
    "of the same class": lambda left, label, seed: mismatched(len(left), SHARE, seed, label)[0],
    "one of the ten nearest": lambda left, label, seed: nearest(left, seed, 10),
    "the nearest": lambda left, label, seed: nearest(left, seed, 1),
}


def lists(left, right, partner, label, method, seed):
    """False share and power of both lists, and the rate against random re-pairings."""
    n = len(left)
    wrong = partner != np.arange(n)
    found = study(
        Pairs(left=left, right=right[partner], group=np.arange(n), label=label), method, seed
    )
    out = []
    for against, q in ((found.random, "q_value_storey"), (found.hard, "q_value")):
        numbers = statistics(found, against)
        listed = getattr(numbers, q) <= 0.05
        out += [(wrong & listed).sum() / max(listed.sum(), 1), listed[~wrong].mean()]
        out += [numbers.noise_rate.value] if q == "q_value_storey" else []
    return out


def shown(name, rows):
    false, power, rate, hard_false, hard_power = np.mean(rows, axis=0)
    print(
        f"{name:44} matched {false:.3f}, {power:.2f}  rate {rate:.3f}  "
        f"matched_hard {hard_false:.3f}, {hard_power:.2f}",
        flush=True,
    )


def kinds():
    print(f"{SEEDS} sets of 1,200 pairs, similarity: false share, share of the matched")
    for name, partner_of in KINDS.items():
        for classes in (True, False):
            rows = []
            for seed in range(SEEDS):
                left, right, label = of_classes(seed)
                partner = partner_of(left, label, seed)
                rows.append(
                    lists(left, right, partner, label if classes else None, "similarity", seed)
                )
            shown(f"{name}, {'within classes' if classes else 'similar items'}", rows)


def sets():
    print("real sets, a fifth mismatched, combined")
    for name, views in SETS.items():
        table = parquet.read_table(SHARED / name / "data.parquet", columns=[*views, "label"])
        left, right = (np.array(table[view].to_pylist(), np.float32) for view in views)
        label = np.unique(table["label"].to_pylist(), return_inverse=True)[1]
        for kind in ("of the same class", "one of the ten nearest"):
            for classes in (True, False):
                given = label if classes else None
                row = lists(left, right, KINDS[kind](left, label, 0), given, "combined", 0)
                shown(f"{name}, {kind}, {'classes' if classes else 'similar items'}", [row])


def stuck_sets(n=1500):
    """Left and right rows and which are wrong, by what is stuck."""
    rng = np.random.default_rng(0)
    left, right, _ = clip_like(n)
    right_of_all = np.zeros(n, bool)
    yield "clean", left, right, right_of_all
    for share in (0.02, 0.1, 0.3, -0.1):
        rows = rng.permutation(n)[: round(abs(share) * n)]
        noise = 0.015 * rng.normal(size=(len(rows), right.shape[1])) if share < 0 else 0.0
        values = right.copy()
        values[rows] = unit(right[rows[0]] + noise * np.ones((len(rows), 1)))
        name = f"one wrong caption in {abs(share):.0%}"
        yield (
            name + (", near copies" if share < 0 else ""),
            left,
            values,
            np.isin(np.arange(n), rows[1:]),
        )
    photo = np.repeat(np.arange(n // 5), 5)
    yield (
        "each photo five times, no group",
        left[photo * 5],
        unit(right[photo * 5] + 0.03 * rng.normal(size=right.shape)),
        right_of_all,
    )
    topic = rng.integers(0, 20, n)
    item = rng.normal(size=(20, 160))
    photos = unit(item[topic] + rng.normal(size=(n, 160)))
    yield "20 captions for all rows, all right", photos, unit(item)[topic], right_of_all


def stuck_values():
    print("1,500 CLIP-like pairs by the whole audit")
    for name, left, right, wrong in stuck_sets():
        with TemporaryDirectory() as folder:
            run = audited(written(Path(folder), left, right))
            numbers = summary(run)
            flagged = np.array(run["noisy_pairs/samples"].arrow()["flagged"])
        precision = f"{wrong[flagged].mean():.2f}" if flagged.any() else ""
        print(
            f"{name:44} true {wrong.mean():.3f}  rate {numbers['noise_rate']['value']:.3f}  "
            f"upper {numbers['noise_rate_upper']['value']:.3f}  "
            f"flagged {flagged.mean():.3f} {precision}",
            flush=True,
        )


if __name__ == "__main__":
    for name, study_of in {"kinds": kinds, "sets": sets, "stuck": stuck_values}.items():
        if name in sys.argv[1:] or len(sys.argv) == 1:
            study_of()
