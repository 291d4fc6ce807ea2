"""Plans for a sweep: what corruptions of the whole set decide before any unit runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from mmaudit.audits.robustness.conditions import Condition
from mmaudit.corruptions.base import Rows
from mmaudit.injection import plan_inputs
from mmaudit.injection.assignment import make_plan
from mmaudit.injection.spec import load_plan
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset


def plan_rows(
    dataset: Dataset, conditions: Iterable[Condition], modalities: tuple[str, ...], seed: int
) -> Mapping[str, NDArray[Any]]:
    """The mask or the donors of every condition that has a plan, by the condition's name.

    What a plan may know is gathered once for all its severities.
    """
    rows: dict[tuple[str, str], Rows] = {}
    out: dict[str, NDArray[Any]] = {}
    for condition in conditions:
        if condition.plan is None:
            continue
        name, severity = condition.plan
        key = (name, condition.modality)
        if key not in rows:
            plan = load_plan(name)
            step = Step(
                name=name,
                severity=severity,
                modalities=(condition.modality,) if plan.makes == "donors" else modalities,
                makes=plan.makes,
                plan=plan,
            )
            rows[key] = plan_inputs.plan_rows(dataset, step)
        out[condition.name] = make_plan(rows[key], plan=name, severity=severity, seed=seed)
    return out
