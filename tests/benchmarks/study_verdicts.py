"""The verdicts of docs/noisy_pairs.md: 17 pairs of sides, with 0 to 80 % of the pairs exchanged.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_verdicts.py [SHARE …]
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow import parquet

from clip_like import clip_like, mismatched, unit
from pair_files import audited, summary, written
from places import SHARED

SHARES = (0.0, 0.05, 0.2, 0.5, 0.8)
VIEWS = {
    "handwritten": (("pix", "fac"), ("pix", "kar"), ("fou", "fac"), ("zer", "mor")),
    "scene15": (("view1", "view2"), ("view1", "view3"), ("view2", "view3")),
    "msrc": (("view1", "view2"), ("view3", "view6")),
}


def standing(rows):
    """Columns of zero mean and equal spread."""
    rows = np.asarray(rows, np.float32)
    return (rows - rows.mean(0)) / np.maximum(rows.std(0), 1e-6)


def apart(n, kept=64, signal=1.0, seed=0):
    """Two sides of one item, each by a random projection of its own; the right one is cut."""
    rng = np.random.default_rng(seed)
    item, d = signal * rng.normal(size=(n, 64)), 64
    left, right = (
        item @ rng.normal(size=(64, d)) / 8 + 0.5 * rng.normal(size=(n, d)) for _ in "ab"
    )
    return unit(left), unit(right[:, :kept])


def sides():
    """Name, left and right rows."""
    for data, pairs in VIEWS.items():
        for views in pairs:
            table = parquet.read_table(SHARED / data / "data.parquet", columns=list(views))
            left, right = (standing(table[view].to_pylist()) for view in views)
            yield f"{data} {'-'.join(views)}", left, right
    for kept in (64, 40, 16):
        yield f"spaces of their own, {kept} of 64", *apart(1200, kept)
    yield "spaces of their own, 400 pairs", *apart(400)
    yield "spaces of their own, faint", *apart(1200, signal=0.3)
    yield "unrelated", *apart(1200, signal=0.0)
    yield "CLIP-like, 1,500", *clip_like(1500)[:2]
    yield "CLIP-like, 400", *clip_like(400, seed=1)[:2]


def row(left, right, share):
    """Verdict, whether the interval holds the share, how many are flagged, and right of them."""
    partner, wrong = mismatched(len(left), share, 0)
    with TemporaryDirectory() as folder:
        run = audited(written(Path(folder), left, right[partner]))
        (verdict,) = run["noisy_pairs/verdict"].arrow()["verdict"].to_pylist()
        rate = summary(run)["noise_rate"]
        flagged = np.array(run["noisy_pairs/samples"].arrow()["flagged"])
    right_of = wrong[flagged].sum() if flagged.any() else 0
    return verdict, rate["low"] <= wrong.mean() <= rate["high"], flagged.sum(), right_of


if __name__ == "__main__":
    for share in map(float, sys.argv[1:] or SHARES):
        rows = []
        for name, left, right in sides():
            rows.append(row(left, right, share))
            print(f"  {name:36} {share:4.0%}", *rows[-1], flush=True)
        verdicts, covers, flagged, right_of = zip(*rows, strict=True)
        means = [r / f for f, r in zip(flagged, right_of, strict=True) if f]
        print(
            f"{share:.0%}: {dict(Counter(verdicts))}, covers {sum(covers)} of {len(rows)}, "
            f"{len(means)} with flags, right {np.mean(means) if means else np.nan:.2f}",
            flush=True,
        )
