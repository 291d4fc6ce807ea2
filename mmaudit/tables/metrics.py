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

# contributions of modalities: most are descriptions, and only a few have a good direction
CONTRIBUTIONS: dict[str, Meaning] = {
    "v_none": Meaning("mean worth of the answers with no modality"),
    "v_all": Meaning("mean worth of the answers with every modality", "", "higher"),
    "phi": Meaning("mean Shapley value: what the modality brings to the worth of an answer"),
    "phi_abs": Meaning("mean size of the Shapley value, whatever its sign"),
    "phi_error": Meaning("Monte-Carlo standard error of a sample's Shapley value", "", "lower"),
    "share": Meaning("share of the size of all Shapley values", "1"),
    "gini": Meaning("inequality of the shares: 0 if alike, 1 if one has everything", "1", "lower"),
    "top_rate": Meaning("share of samples in which the modality contributes most", "1"),
    "interaction": Meaning("mean Shapley interaction: above 0 they need each other"),
    "taylor": Meaning("mean Shapley-Taylor interaction: above 0 they need each other"),
    "together_share": Meaning("part of the gain of all beyond the sum of single gains"),
    "loss": Meaning("mean loss with every modality", "", "lower"),
    "loss_alone": Meaning("mean loss with the modality alone", "", "lower"),
    "accuracy_alone": Meaning("share of right answers with the modality alone", "1", "higher"),
    "p_true_alone": Meaning("mean probability of the truth with it alone", "1", "higher"),
    "gain_over_best_alone": Meaning(
        "accuracy of all minus that of the best modality alone", "1", "higher"
    ),
    "gained_rate": Meaning("share right with all and wrong with it alone", "1"),
    "lost_rate": Meaning("share wrong with all and right with it alone", "1", "lower"),
    "redundant_rate": Meaning("share right with all and with several alone", "1"),
    "unique_rate": Meaning("share right with all and with one alone", "1"),
    "synergy_rate": Meaning("share right with all and with none alone", "1"),
    "conflict_rate": Meaning("share wrong with all, though one alone is right", "1", "lower"),
    "wrong_rate": Meaning("share wrong with all and with each alone", "1", "lower"),
    "conditional_utilisation": Meaning("share of the pair's accuracy that is lost without it"),
    "discrepancy_ratio": Meaning("its unimodal p_true over the mean of the others': 1 is balance"),
    "dependence": Meaning("share of the size of unimodal logits", "1"),
    "deserved_dependence": Meaning("share that inverse entropy asks for", "1"),
    "dependence_mismatch": Meaning("dependence minus what inverse entropy asks for"),
    "cal_contribution": Meaning("weight from contribution and unimodal confidence", "1"),
    "length_share": Meaning("share of the mean length of the encoded modalities", "1"),
    "imbalanced_rate": Meaning("share of samples in the upper hump of the gap", "1", "lower"),
    "information_redundant": Meaning("information about the label that both have", "nat"),
    "information_unique": Meaning("information about the label that one alone has", "nat"),
    "information_synergy": Meaning("information about the label only in both together", "nat"),
    "share_loss_covariance": Meaning("does its share fall where it is wrong alone?", "", "lower"),
    "share_loss_spearman": Meaning("rank correlation of share and loss alone", "", "lower"),
    "weight": Meaning("mean of the model's own fusion weight"),
    "weight_loss_covariance": Meaning("does its weight fall where it is wrong?", "", "lower"),
    "weight_loss_spearman": Meaning("rank correlation of weight and loss alone", "", "lower"),
    "cka": Meaning("alignment of the features of two modalities", "1"),
    "cka_p_value": Meaning("chance of such an alignment if pairs were shuffled", "1"),
    "cca_held_out": Meaning("canonical correlation on held-out samples"),
    "off_data": Meaning("distance from the data once filled in: 1 is like the data", "", "lower"),
    "detail_share": Meaning("share of the size of contributions in its pieces", "1"),
    "detail_phi": Meaning("mean sum of the contributions of its pieces"),
    "generalisation_gap": Meaning("held-out minus training loss", "", "lower"),
    "overfitting_ratio": Meaning("that gap over what was learnt in training", "", "lower"),
    "policy_same_top": Meaning("share whose top modality is the same by every policy", "1"),
    "policy_same_order": Meaning("share whose order is the same by every policy", "1"),
    "policy_spread": Meaning("mean spread of the Shapley value over the policies"),
    "policy_sign_differs": Meaning("share whose sign differs between policies", "1", "lower"),
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
    if base in CONTRIBUTIONS:
        return CONTRIBUTIONS[base]
    return Meaning(metric.replace("_", " "))


def worsening(metric: str) -> str | None:
    """Name of the row that says how much worse than clean a metric is; None if not known.

    It is ``METRIC_drop`` where higher is better and ``METRIC_rise`` where lower is, so that it is
    positive where things got worse.
    """
    better = meaning(metric).better
    return metric + WORSENINGS[better] if better in WORSENINGS else None
