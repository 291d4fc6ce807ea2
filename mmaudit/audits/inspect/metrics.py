"""What the numbers of the inspect summary mean."""

from mmaudit.audits.inspect.comparisons import pattern_shifts
from mmaudit.measures.balance import alignment, recovery, redundancy
from mmaudit.measures.intervals.replicates import SHARE
from mmaudit.rows import Metric

BY_DATA = "the values themselves choose which of them are called bad"
OF_FEW_VALUES = "it is Student's, of as many units as the key has values"
METRICS = {
    "samples": Metric("samples", low=0.0, exact=True),
    "present_rate": Metric("share of samples that have the modality", "1", "higher", *SHARE),
    "complete_rate": Metric("share of samples that have all modalities", "1", "higher", *SHARE),
    "pattern_rate": Metric(
        "share of samples that have exactly these modalities", "1", "neither", *SHARE
    ),
    "unreadable_rate": Metric("share of samples whose value cannot be read", "1", "lower", *SHARE),
    "class_rate": Metric("share of samples of the class", "1", "neither", *SHARE),
    "absence_auroc": Metric(
        "AUROC of absence from what is present, cross-fitted",
        "1",
        "neither",
        *SHARE,
        unsure="it is of rules that were fitted to the same samples",
    ),
    "little_p": Metric(
        "p-value of Little's test that absence is completely at random",
        "1",
        "neither",
        *SHARE,
        exact=True,
    ),
    "label_error_rate": Metric(
        "share of labels that small models of the other samples speak against",
        "1",
        "lower",
        *SHARE,
        unsure="classes that are alike count as errors too",
    ),
    "doubtful_rate": Metric(
        "share of samples whose label small models of the other samples speak against",
        "1",
        "lower",
        *SHARE,
        unsure="classes that are alike count too",
    ),
    "probe_accuracy": Metric(
        "share of labels that a small model of plain features gets right, held out",
        "1",
        "higher",
        *SHARE,
        exact=True,
    ),
    "overlap_rate": Metric(
        "share of samples of the class that a small model of plain features, held out, takes for "
        "another",
        "1",
        "lower",
        *SHARE,
        unsure="it is of models that were fitted to the same samples",
    ),
    "disagreement_rate": Metric(
        "share of samples of which two modalities are sure of different classes",
        "1",
        "lower",
        *SHARE,
        unsure="values that are hard to tell count too",
    ),
    "median": Metric("median of the check", exact=True),
    "limit_rate": Metric("share of values past the check's limit", "1", "lower", *SHARE),
    "flagged_rate": Metric(
        "share of values that the check calls bad by any rule", "1", "lower", *SHARE, unsure=BY_DATA
    ),
    "duplicate_rate": Metric(
        "share of samples that bring no new value", "1", "lower", *SHARE, unsure=BY_DATA
    ),
    "near_duplicate_rate": Metric(
        "share of samples that bring nearly no new value", "1", "lower", *SHARE, unsure=BY_DATA
    ),
    "across_splits": Metric(
        "samples that share a value, or nearly, with a sample of another split",
        better="lower",
        low=0.0,
        exact=True,
    ),
    "groups_across_splits": Metric(
        "samples whose group has samples in another split too", better="lower", low=0.0, exact=True
    ),
    "shift_auroc": Metric(
        "probability that a sample of the split is worse by the check than one of train, or of the "
        "split that it is held against; .5 where both are alike",
        "1",
        "lower",
        *SHARE,
    ),
    "shifts": Metric(
        "checks by which the split is not as the one that it is held against",
        better="lower",
        low=0.0,
        exact=True,
    ),
    "gatherings": Metric(
        "kinds of findings that are more frequent in the slice than in the rest",
        better="lower",
        low=0.0,
        exact=True,
    ),
    "key_across_splits": Metric(
        "share of samples whose value of the key has samples in another split",
        "1",
        "lower",
        *SHARE,
        exact=True,
    ),
    "accuracy_shared": Metric(
        "share of labels that a small model of plain features gets right which has seen other "
        "samples of the same value of the key",
        "1",
        "neither",
        *SHARE,
        unsure=OF_FEW_VALUES,
    ),
    "accuracy_apart": Metric(
        "the same of a model that has seen none of that value",
        "1",
        "higher",
        *SHARE,
        unsure=OF_FEW_VALUES,
    ),
    "gap_of_key": Metric(
        "accuracy_shared minus accuracy_apart",
        "1",
        "lower",
        low=-1.0,
        high=1.0,
        unsure=OF_FEW_VALUES,
    ),
    **pattern_shifts.METRICS,
    **alignment.METRICS,
    **recovery.METRICS,
    **redundancy.METRICS,
    "issues": Metric("samples with a finding", better="lower", low=0.0, exact=True),
}
