"""Which method the recipe of a contest trains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.audits.remedies.conditions import FAMILIES
from mmaudit.audits.remedies.setup import PLAINEST
from mmaudit.audits.remedies.summary import UNDER
from mmaudit.formats import many
from mmaudit.names import ALL, CLEAN


@dataclass(frozen=True, slots=True)
class RecipeMethod:
    """One method.

    Attributes:
        name: Its name in the tables.
        why: Why this one, in a sentence.
    """

    name: str
    why: str


def choose(rows: Sequence[Any], *, lower: bool) -> RecipeMethod:
    """The best of what helps beside its control, and of plain concatenation.

    Best where the headline looks: the first family of conditions that is not clean. A method may
    help beside the control of its head, and have less right than the plainest control.

    Args:
        rows: Rows of the summary.
        lower: Whether scores are better lower.
    """
    gains = [row for row in rows if row.metric == "gain"]
    families = {row.family for row in gains}
    family = next((f for f in FAMILIES if f in families and f != CLEAN), CLEAN)
    helps = {row.method: row for row in gains if row.family == family and row.verdict == "helps"}
    metric = "mean_squared_error" if lower else "accuracy"
    scores = {
        row.method: row.estimate.value
        for row in rows
        if (row.metric, row.family, row.condition, row.slice) == (metric, family, "", ALL)
    }
    among = [name for name in scores if name in helps or name == PLAINEST]
    best = min(among, key=lambda name: scores[name] if lower else -scores[name])
    return RecipeMethod(best, _why(best, helps, metric, UNDER[family]))


def _why(best: str, helps: dict[str, Any], metric: str, under: str) -> str:
    if not helps:
        return f"no method is shown to help {under} beside its control, so this is {PLAINEST}"
    those = "1 method that helps" if len(helps) == 1 else f"{many(len(helps), 'method')} that help"
    among = f"of {those} {under} beside their controls, and of {PLAINEST}"
    if best not in helps:
        return f"{among}, this has the best {metric} there; what helps has a worse control"
    row = helps[best]
    e = row.estimate
    return (
        f"{among}, this has the best {metric} there; beside {row.control} it gains {e.value:+.3f} "
        f"[{e.low:+.3f}, {e.high:+.3f}]"
    )
