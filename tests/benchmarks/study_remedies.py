"""How often a method is wrongly said to help: one method under twelve names, with real trainings.

    python tests/benchmarks/study_remedies.py DATASET [METHOD …]

Every name is the same method with seeds of its own, so that no name helps. Families of eleven names
beside a control are drawn without replacement from a pool of trainings; said is the share of families
in which any is said to help, or to harm, clean and under loud noise in the first modality.
"""

import sys
from pathlib import Path

import numpy as np

import mmaudit.samples.dataset as data
from mmaudit.audits.remedies.features import FeatureMaker
from mmaudit.audits.remedies.sources import FeatureSources
from mmaudit.measures.games.ties import share_right
from mmaudit.measures.intervals.crossed import compare
from mmaudit.remedies.data import FusionData
from mmaudit.remedies.training import fit

NAMES, FAMILIES, POOL = 12, 300, 60
MARGIN, LOUD = 0.02, 4.0


def pool(dataset, method, count):
    """Whether each training is right, ``(seed, sample)``, clean and under noise."""
    whole = data.open(dataset)
    maker = FeatureMaker(
        whole=whole, kinds=whole.kinds, sources=FeatureSources(), seed=0, memory=2**30
    )
    train, test = (maker.rows(whole.select(split=split), ()) for split in ("train", "test"))
    rows = FusionData(
        features={m: view.values for m, view in train.clean.items()},
        present={m: view.present for m, view in train.clean.items()},
        labels=train.labels,
        classes=whole.classes,
    )
    there = {m: view.present for m, view in test.clean.items()}
    first = next(iter(test.clean))
    clean, noisy = [], []
    for seed in range(count):
        fitted = fit(method, rows, seed)
        h = {m: fitted.encode(m, view.values) for m, view in test.clean.items()}
        clean.append(share_right(fitted.fuse(h, there), test.labels))
        noise = np.random.default_rng(0).standard_normal(test.clean[first].values.shape)
        loud = test.clean[first].values + LOUD * rows.features[first].std(0) * noise
        h[first] = fitted.encode(first, loud.astype(np.float32))
        noisy.append(share_right(fitted.fuse(h, there), test.labels))
    return {"clean": np.stack(clean), "noise": np.stack(noisy)}


def errors(right, seeds, rng):
    """Share of families in which some name is said to help, or to harm."""
    helps = harms = 0
    for _ in range(FAMILIES):
        picks = rng.permutation(len(right))[: NAMES * seeds].reshape(NAMES, seeds)
        control, *others = (right[pick] for pick in picks)
        words = {
            g.verdict
            for g in compare({str(k): d - control for k, d in enumerate(others)}, MARGIN).values()
        }
        helps += "helps" in words
        harms += "harms" in words
    return helps / FAMILIES, harms / FAMILIES


if __name__ == "__main__":
    path, *methods = sys.argv[1:]
    for method in methods or ["control/concat"]:
        for condition, right in pool(path, method, POOL).items():
            for seeds in (3, 5):
                helps, harms = errors(right, seeds, np.random.default_rng(0))
                print(
                    f"{Path(path).parent.name} {method} {condition}: {seeds} seeds, "
                    f"right {right.mean():.3f}, helps {helps:.3f}, harms {harms:.3f}"
                )
