"""What the known metrics mean: the direction that is good, and the words for it.

A summary table is long: one column ``metric`` names the quantity and one column ``estimate`` holds
it, so the direction that is good belongs to the row and not to the column. Audits that write a
metric and the readers that show or gate it look it up here. A metric that is not listed has no
direction: a gate then needs an explicit bound, and a report draws no arrow.
"""

from dataclasses import dataclass

from mmaudit.rows import Better


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a metric is, for people.

    Attributes:
        help: What the number says, one phrase.
        unit: ``"1"`` for shares and other pure numbers between 0 and 1, empty for other numbers.
        better: Which direction is good.
    """

    help: str
    unit: str = ""
    better: Better = "neither"


SCORES: dict[str, Meaning] = {
    "accuracy": Meaning("share of right answers", "1", "higher"),
    "macro_f1": Meaning("F1 averaged over the classes, each class counting alike", "1", "higher"),
    "auroc": Meaning("chance that a positive outranks a negative", "1", "higher"),
    "nll": Meaning("mean negative log-likelihood of the truth", "nat", "lower"),
    "brier": Meaning("mean squared error of the probabilities", "", "lower"),
    "ece": Meaning("expected calibration error, 15 bins of equal width", "1", "lower"),
    "mae": Meaning("mean absolute error", "", "lower"),
    "rmse": Meaning("root of the mean squared error", "", "lower"),
    "spearman": Meaning("rank correlation of answer and truth", "", "higher"),
    "recall@1": Meaning("share of queries whose match is ranked first", "1", "higher"),
    "recall@5": Meaning("share of queries whose match is in the first 5", "1", "higher"),
    "recall@10": Meaning("share of queries whose match is in the first 10", "1", "higher"),
    "median_rank": Meaning("median rank of the match", "", "lower"),
    "flip_rate": Meaning("share of answers that differ from the clean answer", "1", "lower"),
    "noise_rate": Meaning("share of pairs that do not belong together", "1", "lower"),
    "noise_rate_upper": Meaning("upper bound of the share of mismatched pairs", "1", "lower"),
    "flagged_rate": Meaning("share of pairs that were flagged", "1", "lower"),
    "missing_rate": Meaning("share of samples that lack the modality", "1", "lower"),
    "skipped_rate": Meaning("share of samples that could not be read", "1", "lower"),
    "separability": Meaning("AUROC of observed against shuffled pairs", "1", "higher"),
}

# suffix: phrase, unit and direction (None keeps those of the metric it derives from)
DERIVED: dict[str, tuple[str, str | None, Better | None]] = {
    "_area_under_curve": ("averaged over all severities, clean included", None, None),
    "_relative_drop": ("lost to the corruption, as a share of the clean value", "1", "lower"),
    "_worst": ("at its worst severity", None, None),
    "_monotonicity_violations": ("share of severity steps that improve it", "1", "lower"),
    "_kendall_tau": ("rank correlation with the severity", "", "neither"),
    "_breaking_point": ("severity at which it crosses the limit", "severity", "higher"),
    "_drop": ("how much lower than clean, on the same samples", None, "lower"),
    "_rise": ("how much higher than clean, on the same samples", None, "lower"),
}
WORSENINGS: dict[Better, str] = {"higher": "_drop", "lower": "_rise"}


def meaning(metric: str) -> Meaning:
    """Look up a metric; a derived one (``accuracy_worst``) is built from its base.

    Args:
        metric: Name as written in the column ``metric``. What follows a colon
            (``recall@1:image->text``) says which way, and not what.

    Returns:
        What is known; without direction and unit where nothing is.
    """
    for suffix, (phrase, unit, better) in DERIVED.items():
        stem = metric.removesuffix(suffix)
        if stem != metric and stem.partition(":")[0] in SCORES:
            known = meaning(stem)
            kept = known.unit if unit is None else unit
            return Meaning(f"{known.help}: {phrase}", kept, better or known.better)
    base, _, way = metric.partition(":")
    if base in SCORES:
        known = SCORES[base]
        return Meaning(f"{known.help}, {way}", known.unit, known.better) if way else known
    return Meaning(metric.replace("_", " "))


def worsening(metric: str) -> str | None:
    """Name of the row that says how much worse than clean a metric is; None if not known.

    It is ``METRIC_drop`` where higher is better and ``METRIC_rise`` where lower is, so that it is
    positive where things got worse.
    """
    better = meaning(metric).better
    return metric + WORSENINGS[better] if better in WORSENINGS else None
