"""What the numbers of the noisy-pairs summary mean."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from mmaudit.measures.intervals.replicates import SHARE
from mmaudit.rows import Metric

BY_LIST = "the pairs themselves choose which of them are listed"
BY_FIT = "it is of a mixture that was fitted to the same pairs"
HARD = "_hard"
BY_HARD = "against re-pairings within the class or, without classes, among similar items"
METRICS = {
    "noise_rate": Metric("share of pairs that do not belong together", "1", "lower", *SHARE),
    "noise_rate_upper": Metric(
        "upper bound of the share of mismatched pairs", "1", "lower", *SHARE, exact=True
    ),
    "flagged_rate": Metric(
        "share of pairs that were flagged", "1", "lower", *SHARE, unsure=BY_LIST
    ),
    "separability": Metric("AUROC of observed against shuffled pairs", "1", "higher", *SHARE),
    "matched_rate": Metric(
        "share of pairs that are no random re-pairings", "1", "neither", *SHARE, unsure=BY_LIST
    ),
    "expected_precision": Metric(
        "share of the flagged pairs that are expected to be mismatched", "1", "neither", *SHARE
    ),
    "similarity": Metric("mean cosine of the two sides", "", "neither", -1.0, 1.0),
    "cosine_threshold": Metric(
        "smallest cosine from which at most --fdr of the pairs are mismatched, by the upper end",
        "",
        "neither",
        -1.0,
        1.0,
        exact=True,
        unsure=BY_LIST,
    ),
    "split_noise_rate": Metric(
        "share of pairs in the upper group of the losses", "1", "neither", *SHARE, unsure=BY_FIT
    ),
    "split_separation": Metric(
        "distance of the two groups of losses, in their spreads",
        low=0.0,
        exact=True,
        unsure=BY_FIT,
    ),
    "truth_auroc": Metric(
        "chance that a mismatched pair is more suspicious than a matched one",
        "1",
        "neither",
        *SHARE,
    ),
    "truth_average_precision": Metric(
        "average precision of the score against the truth", "1", "neither", *SHARE, unsure=BY_LIST
    ),
    "truth_f1": Metric("F1 of the flags against the truth", "1", "neither", *SHARE, unsure=BY_LIST),
    "truth_precision_at_*": Metric(
        "share of the most suspicious pairs that are mismatched",
        "1",
        "neither",
        *SHARE,
        unsure=BY_LIST,
    ),
    "truth_rate_error": Metric("noise rate minus the true share", "1", "neither", -1.0, 1.0),
    "truth_false_discoveries": Metric(
        "share of the pairs called matched that are mismatched",
        "1",
        "neither",
        *SHARE,
        unsure=BY_LIST,
    ),
    "planted_recall_*": Metric(
        "share of the planted mismatches that were flagged", "1", "neither", *SHARE, unsure=BY_LIST
    ),
    "planted_precision_*": Metric(
        "share of the new flags that were planted", "1", "neither", *SHARE, unsure=BY_LIST
    ),
}


def meanings(names: Iterable[str]) -> dict[str, Metric]:
    """What some metrics of the summary mean, in the order declared.

    A number against the hard null says which null it is, and has no direction of its own: it
    stands beside the number that has.
    """
    there = sorted(set(names))
    result: dict[str, Metric] = {}
    for pattern, metric in METRICS.items():
        result |= {name: metric for name in there if fnmatchcase(name, pattern)}
        if f"{pattern}{HARD}" in there:
            phrase = f"{metric.help}, {BY_HARD}"
            result[f"{pattern}{HARD}"] = replace(metric, help=phrase, better="neither")
    return result
