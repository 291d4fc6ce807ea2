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


def step_of(condition: Condition, modalities: tuple[str, ...]) -> Step:
    """The step of a condition that has a plan.

    Args:
        condition: The condition.
        modalities: The modalities that are asked about.

    Raises:
        ValueError: It has no plan.
    """
    if condition.plan is None:
        raise ValueError(f"{condition.name} has no plan")
    name, severity = condition.plan
    plan = condition.planned or load_plan(name)
    return Step(
        name=name,
        severity=severity,
        modalities=condition.concerns or modalities,
        makes=plan.makes,
        plan=plan,
    )


def plan_rows(
    dataset: Dataset, conditions: Iterable[Condition], modalities: tuple[str, ...], seed: int
) -> Mapping[str, NDArray[Any]]:
    """The mask or the donors of every condition that has a plan, by the condition's name.

    What a plan may know is gathered once for all its severities.
    """
    rows: dict[tuple[str, tuple[str, ...]], Rows] = {}
    out: dict[str, NDArray[Any]] = {}
    for condition in conditions:
        if condition.plan is None:
            continue
        step = step_of(condition, modalities)
        key = (step.name, step.modalities)
        if key not in rows:
            rows[key] = plan_inputs.plan_rows(dataset, step)
        out[condition.name] = make_plan(
            rows[key], plan=step.name, severity=step.severity, seed=seed, part=step.plan
        )
    return out
