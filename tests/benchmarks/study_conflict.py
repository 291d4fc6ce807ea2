"""What the late mean of logistic regressions has right on the conflicting sets, beside what is published.

    python tests/benchmarks/study_conflict.py DATASET …

One regression a modality on z-scores of the training split; the conflict is drawn with ten seeds. Said
are the mean and the deviation over draws, clean, with the swap alone, and with the noise before it.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mmaudit.samples.dataset as data
from mmaudit.audits.remedies.conflict import conflict_of
from mmaudit.audits.remedies.features import FeatureMaker

DRAWS = 10


def shares(dataset):
    """Share that is right: clean, and of each draw with the swap, and with noise and the swap."""
    whole = data.open(dataset)
    maker = FeatureMaker(whole=whole, kinds=whole.kinds, places={}, seed=0, memory=2**30)
    train, test = (maker.rows(whole.select(split=split), ()) for split in ("train", "test"))
    models = {
        m: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(
            view.values, train.labels
        )
        for m, view in train.clean.items()
    }

    def right(answers):
        return float((np.mean(list(answers.values()), axis=0).argmax(1) == test.labels).mean())

    clean = {m: models[m].predict_proba(view.values) for m, view in test.clean.items()}
    swapped, noisy = [], []
    for seed in range(DRAWS):
        drawn = conflict_of(test, train.clean, len(whole.classes), seed)
        loud = {m: answers.copy() for m, answers in clean.items()}
        for m, rows in drawn.noise.rows.items():
            if rows.size:
                loud[m][rows] = models[m].predict_proba(drawn.noise.values[m])
        for answers, out in ((clean, swapped), (loud, noisy)):
            views = enumerate(answers.items())
            there = {m: test.clean[m].present for m in answers}
            out.append(right({m: drawn.swap.of(k, a, there[m])[0] for k, (m, a) in views}))
    return right(clean), swapped, noisy


def main():
    """Print a line for each dataset."""
    for place in sys.argv[1:]:
        clean, swapped, noisy = shares(Path(place))
        said = [
            f"{100 * np.mean(s):.1f} (±{100 * np.std(s, ddof=1):.1f})" for s in (swapped, noisy)
        ]
        print(f"{place}: clean {100 * clean:.1f}, conflict {said[0]}, conflict+noise {said[1]}")


if __name__ == "__main__":
    main()
