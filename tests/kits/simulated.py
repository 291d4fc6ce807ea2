"""Test sets of models whose true numbers are known, each measured as the robustness audit does."""

import math

import numpy as np
from scipy import stats

from mmaudit.audits.robustness.interactions import CROSS, estimate
from mmaudit.audits.robustness.metrics import INTERACTION
from mmaudit.measures.balance.reconstruction import METRICS as RECONSTRUCTION
from mmaudit.measures.balance.reconstruction import reconstruction
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.evidence import Mean, linear
from mmaudit.measures.intervals.replicates import SHARE
from mmaudit.measures.tasks import classification, regression, retrieval
from mmaudit.measures.tasks.base import EmbeddingAnswers, NumberAnswers, from_probabilities
from mmaudit.measures.tasks.severity import breaking, curves

DRAWS = 200
RADII = (1.0, 2.0, 4.0, 8.0, 16.0)  # of an attack, by severity
METRICS = classification.METRICS | regression.METRICS | retrieval.METRICS
BETTER = {name: m.better for name, m in METRICS.items()}


def with_drops(clean, worse):
    """Estimates of a condition, and of how much worse than clean it is."""
    found = {m: r.estimate() for m, r in worse.items()}
    for m in worse.keys() & clean.keys():
        found[f"{m} drop"] = curves.drop(clean[m], worse[m], better=BETTER[m]).estimate()
    return found


def classes(share, clean, worse, sure=1.0, members=1):
    """A binary model of two conditions; samples of a group are alike."""

    def one(rng, n, draws=DRAWS):
        g = n // members
        labels = (rng.random(g) < share).astype(int)
        noise = rng.normal(size=g)
        both = []
        for apart in (clean, worse):
            x = np.where(labels, apart / 2, -apart / 2) + 0.7 * noise
            x += math.sqrt(1 - 0.49) * rng.normal(size=g)
            q = 1 / (1 + np.exp(-sure * (apart * x + math.log(share / (1 - share)))))
            at = np.arange(g).repeat(members)
            both.append(from_probabilities(labels[at], np.stack([1 - q, q], -1)[at]))
        keys = unit_keys(0, np.arange(g).repeat(members))
        return with_drops(*(classification.measure(a, keys, draws) for a in both))

    return one


def numbers(members, tail):
    """Numbers with normal or heavy errors, and the same model under a condition."""

    def one(rng, n, draws=DRAWS):
        g = n // members
        truth, at = rng.normal(size=g), np.arange(g).repeat(members)
        noise = rng.standard_t(tail, g) if tail else rng.normal(size=g)
        keys = unit_keys(0, at)
        clean, worse = (
            regression.measure(NumberAnswers(truth[at], (truth + s * noise)[at]), keys, draws)
            for s in (0.5, 1.0)
        )
        return with_drops(clean, worse)

    return one


def retrieved(rng, n, draws=DRAWS):
    """Recall and median rank among ``n`` pairs of two modalities, and under a condition."""
    x = rng.normal(size=(n, 6))
    noise = rng.normal(size=x.shape)
    names, both = [str(i) for i in range(n)], []
    for spread in (0.7, 0.9):
        answers = EmbeddingAnswers({"a": x, "b": x + spread * noise}, names)
        found = retrieval.measure(answers, unit_keys(0, names), draws).items()
        both.append({m.removesuffix(":a->b"): r for m, r in found if m.endswith("a->b")})
    return with_drops(*both)


def curve(shares, limit=0.82):
    """Numbers of a whole curve of accuracies, clean first; samples are hard at every severity."""

    def one(rng, n, draws=DRAWS):
        keys, hard, line = unit_keys(0, [str(i) for i in range(n)]), 0.6 * rng.normal(size=n), {}
        for s, share in enumerate(shares):
            right = stats.norm.cdf(hard + 0.8 * rng.normal(size=n)) < share
            line[s] = replicated_mean(right, keys, draws, SHARE)
        clean = line.pop(0)
        made = {
            "area_under_curve": curves.area_under_curve(clean, line),
            "worst": curves.worst_case([*line.values()]),
            "relative_drop": curves.relative_drop(clean, line),
            "kendall_tau": curves.kendall_tau(clean, line),
            "monotonicity_violations": curves.violations(clean, line),
        }
        found = {m: r.estimate() for m, r in made.items()}
        if limit is not None:
            past = breaking.Threshold(limit)
            point = breaking.breaking_point(clean, line, past, better="higher")
            if point is not None:
                radius = breaking.breaking_epsilon(point, RADII)
                found |= {"breaking_point": point.estimate(), "breaking_epsilon": radius.estimate()}
        return found

    return one


def truth_of_curve(shares, limit=0.82):
    """The same numbers of the true accuracies."""
    steps = np.sign([b - a for i, a in enumerate(shares) for b in shares[i + 1 :]])
    truth = {
        "area_under_curve": float(np.trapezoid(shares)) / (len(shares) - 1),
        "worst": min(shares[1:]),
        "relative_drop": 1 - float(np.mean(shares[1:])) / shares[0],
        "kendall_tau": steps.sum() / math.sqrt(max((steps != 0).sum(), 1) * steps.size),
        "monotonicity_violations": float(np.mean(np.diff(shares) > 0)),
    }
    if limit is not None:
        turned = [-v for v in shares]
        truth["breaking_point"] = float(np.interp(-limit, turned, range(len(shares))))
        axis = (0.0, *RADII)
        truth["breaking_epsilon"] = float(np.interp(truth["breaking_point"], range(6), axis))
    return truth


def crossed(apart, damaged, gone, sure=1.0, members=1):
    """A model of two modalities asked four times: damaged or not, and with the other one or not.

    Args:
        apart: How far the two classes lie apart in each modality, in standard deviations.
        damaged: What is left of that in the damaged modality.
        gone: What is left of the other one where it is absent; 0 for nothing.
        sure: Factor of the log odds; above 1 the model is too sure of itself.
        members: Samples of a group, which are alike.
    """

    def one(rng, n, draws=DRAWS):
        g = n // members
        at = np.arange(g).repeat(members)
        labels, noise = rng.integers(0, 2, g), rng.normal(size=(2, g))
        means = []
        for a, b in ((damaged, gone), (1, gone), (damaged, 1), (1, 1)):
            odds = np.zeros(g)
            for part, z in zip((a, b), noise, strict=True):
                d = apart * part
                odds += d * (np.where(labels, d / 2, -d / 2) + z)
            q = 1 / (1 + np.exp(-sure * odds))
            p = np.stack([1 - q, q], -1)[at]
            measured = classification.measure(
                from_probabilities(labels[at], p), unit_keys(0, at), 2
            )
            some = {m: r.evidence for m, r in measured.items() if isinstance(r.evidence, Mean)}
            groups = some["accuracy"].groups
            true = p[np.arange(at.size), labels[at]]
            means.append(some | {"p_true": Mean(true, groups, 0.0, 1.0)})
        return {
            f"{m}{INTERACTION}": estimate(linear(CROSS, [some[m] for some in means]))
            for m in means[0]
        }

    return one


def filled_in(share, heavy=False, members=1):
    """An imputer whose squared error is a share of the mean's; tails as of Student's t, 4 degrees."""

    def one(rng, n, draws=DRAWS):
        size = (n // members, 3)
        truth = rng.standard_t(4, size=size) if heavy else rng.normal(size=size)
        noise = rng.standard_t(4, size=size) if heavy else rng.normal(size=size)
        guess = (1 - share) * truth + math.sqrt(share * (1 - share)) * noise
        errors, baseline = ((x**2).mean(axis=1).repeat(members) for x in (truth - guess, truth))
        units = np.arange(size[0]).repeat(members).astype(str)
        both = reconstruction(errors, baseline, unit_keys(int(rng.integers(2**31)), units), draws)
        return {name: r.estimate() for name, r in zip(RECONSTRUCTION, both, strict=True)}

    return one
