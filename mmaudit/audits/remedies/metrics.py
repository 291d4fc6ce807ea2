"""What the metrics of remedies mean."""

from mmaudit.audits.remedies.balance import METRICS as BALANCE
from mmaudit.audits.remedies.slices import METRICS as SLICES
from mmaudit.audits.remedies.trusting import METRICS as TRUST
from mmaudit.measures.tasks.classification import METRICS as CLASSES
from mmaudit.rows import Metric

CORRECTED = "with one interval for all methods of all families of conditions at once"
METRICS = {
    "accuracy": Metric("share of right answers, over samples and seeds", "1", "higher", 0, 1),
    "mean_squared_error": Metric("squared error, over samples and seeds", "", "lower", 0),
    "gain": Metric(f"how much better than the control of the same head, {CORRECTED}", "", "higher"),
    "gain_over_controls": Metric(
        f"how much better than the control of any head that is hardest to beat, {CORRECTED}",
        "",
        "higher",
    ),
    "ece": CLASSES["ece"],
    **SLICES,
    **BALANCE,
    **TRUST,
    "parameters": Metric("numbers that were fitted", "", "neither", 0, exact=True),
    "passes": Metric(
        "forward and backward passes of a batch, over all settings", "", "neither", 0, exact=True
    ),
    "last_look": Metric(
        "share of seeds whose best parameters were the last: more updates might do better",
        "1",
        "neither",
        0,
        1,
        exact=True,
    ),
}
