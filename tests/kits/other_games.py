"""Numbers of contributions beside the games, over many simulated sets whose truth is known."""

import math
from collections import defaultdict
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pyarrow as pa

from mmaudit.audits.contributions.pieces.detail import detail_numbers
from mmaudit.measures.balance.alignment import alignment
from mmaudit.measures.balance.overfitting import overfitting_ratio
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import ANY, SHARE
from mmaudit.measures.tasks.absence.unimodal import over_best
from mmaudit.measures.tasks.base import CHARGE

DRAWS = 300
N = 120


def keyed(n):
    """Bootstrap keys of samples that stand alone."""
    return unit_keys(0, [str(i) for i in range(n)])


def streamed(values, keys, bounds=ANY):
    """A mean as a pass over the samples leaves it: its draws alone."""
    return replace(replicated_mean(values, keys, DRAWS, bounds), evidence=None)


def features(sets, tail=0):
    """Alignment of two features that correlate by a half, and of blocks of wider ones.

    Args:
        sets: How many test sets.
        tail: Degrees of freedom of Student's t; 0 for normal features.
    """
    rng, cells = np.random.default_rng(0), defaultdict(list)

    def sides(n, wide):
        x = rng.normal(size=(n, wide))
        y = 0.5 * x + math.sqrt(0.75) * rng.normal(size=x.shape)
        scale = np.sqrt(tail / rng.chisquare(tail, (n, 1))) if tail else 1.0
        return x * scale, y * scale

    for _ in range(sets):
        one = alignment(*sides(N, 1), 0, shuffles=1)
        cells["cca_held_out"].append(one.correlation)
        cells["cka"].append(alignment(*sides(N, 4), 0, shuffles=1).cka)
    # the mean over sets: like recall, it is of blocks of a size
    return cells, {"cca_held_out": 0.5, "cka": float(np.mean([e.value for e in cells["cka"]]))}


def heavy_features(sets):
    """The same of features with heavy tails."""
    return features(sets, 6)


def trained(gap):
    """Losses of training and of new samples that differ by a gap; exponential, at most 6.9."""

    def one(sets):
        rng, cells = np.random.default_rng(2), defaultdict(list)
        old_keys, new_keys = unit_keys(1, [f"t{i}" for i in range(N)]), keyed(N)
        for _ in range(sets):
            some = 0.5 * rng.exponential(size=N), (0.5 + gap) * rng.exponential(size=N)
            old, new = (
                replicated_mean(np.minimum(x, CHARGE), keys, DRAWS, (0.0, CHARGE))
                for x, keys in zip(some, (old_keys, new_keys), strict=True)
            )
            new = new.settled()  # as a pass over the samples leaves it
            cells["generalisation_gap"].append((new - old).estimate())
            cells["overfitting_ratio"].append(overfitting_ratio(old, new, 10).estimate())
        return cells, {
            "generalisation_gap": gap,
            "overfitting_ratio": gap / (math.log(10) - 0.5 - gap),
        }

    return one


def pieces(sets):
    """Contributions of two pieces of either modality."""
    rng, cells = np.random.default_rng(3), defaultdict(list)

    def table(n):
        phi = rng.normal((0.3, 0.1, 0.05, 0.0), 0.3, (n, 4))
        names = np.array(["image", "image", "text", "text"])
        ids = np.repeat([str(i) for i in range(n)], 4)
        return pa.table({"id": ids, "modality": np.tile(names, n), "phi": phi.reshape(-1)})

    big = detail_numbers(table(60_000), ("image", "text"), 0, 2)
    truth = {f"{one.metric} {one.modality}": one.measured.point for one in big}
    for _ in range(sets):
        for one in detail_numbers(table(60), ("image", "text"), 0, DRAWS):
            cells[f"{one.metric} {one.modality}"].append(one.measured.estimate())
    return cells, truth


def states(sets):
    """Mean probability of the truth by an earlier state of a model."""
    rng, keys = np.random.default_rng(4), keyed(N)
    some = [streamed(rng.beta(8, 1, N), keys, SHARE).estimate() for _ in range(sets)]
    return {"p_true_alone": some}, {"p_true_alone": 8 / 9}


def rivals(sets):
    """Gains over two other models, right as often as each other, and over the better of them."""
    rng, cells = np.random.default_rng(6), defaultdict(list)
    for _ in range(sets):
        hard = rng.normal(size=N)
        right, *others = (
            (hard + rng.normal(size=N) < cut).astype(float) for cut in (1.5, 1.0, 1.0)
        )
        cells["gain_over_reference"].append(over_best(right, others[:1], None))
        cells["gain_over_best_reference"].append(over_best(right, others, None))
        cells["accuracy_reference"].append(over_best(others[0], [np.zeros(N)], None))
    share = [NormalDist(0, math.sqrt(2)).cdf(cut) for cut in (1.5, 1.0)]
    gain = share[0] - share[1]
    truth = {"gain_over_reference": gain, "gain_over_best_reference": gain}
    return cells, truth | {"accuracy_reference": share[1]}


CELLS = {
    "features": features,
    "features with heavy tails": heavy_features,
    "pieces": pieces,
    "rivals": rivals,
    "states": states,
    "training": trained(0.2),
    "training, no gap": trained(0.0),
}
