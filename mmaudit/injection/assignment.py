"""Assignment: what every step does to every sample, before any value is touched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.corruptions.base import SEVERITIES, AnyPlan, Rows
from mmaudit.corruptions.row_selection import group_numbers
from mmaudit.errors import UsageError
from mmaudit.injection.plan_inputs import plan_rows
from mmaudit.injection.spec import load_plan
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset
from mmaudit.seeds import digests, permanent

PlanArray = Bools | Ints  # a mask (n, modality); donors or labels (n,)
Numbers = Callable[[str], NDArray[np.uint64]]  # a number for each sample, by what they are for


@dataclass(frozen=True, slots=True)
class Assignment:
    """One step and, for every sample, what it does.

    Attributes:
        step: The step.
        severity: Severity of each sample where values are changed, ``(n,)``; 0 is untouched.
        plan: What the plan says: a mask ``(n, modality)``, donors or labels ``(n,)``.
        groups: Number of the group of each sample, ``(n,)``; itself without groups.
        drawn: Which samples drew this step, ``(n,)``, where it is one of several; None is all.
        present: Which values are there before all steps, ``(n, modality)``, where it is a mask.
    """

    step: Step
    severity: NDArray[np.int8]
    plan: PlanArray | None = None
    groups: Ints | None = None
    drawn: Bools | None = None
    present: Bools | None = None

    @property
    def indices(self) -> Ints:
        """The donor of each sample, or its new label, ``(n,)``."""
        if self.plan is None:
            raise TypeError(f"{self.step.name} is not a plan")
        return self.plan.astype(np.int64, copy=False)

    def mask(self, modality: str) -> Bools:
        """Where a modality is made absent, ``(n,)``."""
        if self.plan is None:
            raise TypeError(f"{self.step.name} is not a plan")
        return self.plan[:, self.step.modalities.index(modality)].astype(np.bool_, copy=False)

    def groups_differ(self, a: Ints, b: Ints) -> Bools:
        """Which of some pairs of samples are of two groups; without groups, of two samples."""
        return a != b if self.groups is None else self.groups[a] != self.groups[b]


def assign(
    dataset: Dataset,
    steps: Sequence[Step],
    *,
    seed: int,
    fraction: float,
    severity_per_sample: bool,
    plans: Mapping[int, PlanArray],
) -> tuple[Assignment, ...]:
    """Decide what every step does to every sample.

    Args:
        dataset: The samples.
        steps: The steps, in order.
        seed: The run's seed.
        fraction: Share of the samples that a change of values hits; exact, and nested.
        severity_per_sample: Whether each sample draws its severity, 1 to 5 alike likely.
        plans: Those that come from a file, by the place of the step.

    Raises:
        UsageError: Only plans are asked for, and a fraction or severities for each sample.
    """
    if all(step.makes != "values" for step in steps) and (severity_per_sample or fraction < 1):
        raise UsageError(
            "plans have rates instead of a fraction or a severity for each sample",
            fix="the severity of the plan, as missing/mcar:2",
        )
    named = next((step for step in steps if step.named), None)
    if severity_per_sample and named is not None:
        raise UsageError(
            f"{named.name} has parameters of its own, and no severity could be drawn",
            fix="a severity for each sample, or these parameters for all",
        )
    ids = dataset.column("id")
    if not _hit(fraction, len(ids)):
        raise UsageError(
            f"a fraction of {fraction:g} of {len(ids)} samples is none of them",
            fix=f"at least {1 / len(ids):.3g}",
        )
    # the corruptions of one draw share their numbers, and stand side by side
    numbers = lru_cache(maxsize=2)(partial(random_numbers, ids, seed))
    return tuple(
        _values(step, len(ids), numbers, fraction, drawn=severity_per_sample)
        if step.makes == "values"
        else _planned(dataset, step, seed, plans.get(i))
        for i, step in enumerate(steps)
    )


def _values(step: Step, n: int, numbers: Numbers, fraction: float, *, drawn: bool) -> Assignment:
    severity = np.full(n, step.severity, np.int8)
    purpose = f"{step.name}@{step.modality}"
    if drawn:
        keys = numbers(f"severity of {purpose}")
        severity = (1 + (keys >> np.uint64(32)) * np.uint64(SEVERITIES) // 2**32).astype(np.int8)
    if step.draw is not None:  # the samples are spared together, not of each corruption some
        purpose = f"{step.draw.pattern}@{step.modality}"
    if fraction < 1:
        keys = numbers(f"fraction of {purpose}")
        spared = np.argsort(keys, kind="stable")[_hit(fraction, n) :]
        severity[spared] = 0
    if step.draw is None:
        return Assignment(step, severity)
    keys = numbers(f"choice of {purpose}")
    place = (keys >> np.uint64(32)) * np.uint64(step.draw.among) // 2**32
    mine = place == step.draw.place
    severity[~mine] = 0
    return Assignment(step, severity, drawn=mine)


def _hit(fraction: float, n: int) -> int:
    """How many of ``n`` samples a fraction is."""
    return int(fraction * n + 0.5)


def _planned(
    dataset: Dataset,
    step: Step,
    seed: int,
    plan: PlanArray | None,
) -> Assignment:
    rows = plan_rows(dataset, step)
    if plan is None:
        plan = make_plan(rows, plan=step.name, severity=step.severity, seed=seed, part=step.plan)
    if step.makes == "mask":
        plan = plan & rows.present
    severity = np.full(len(rows.ids), step.severity, np.int8)
    groups = group_numbers(rows) if step.makes == "donors" else None
    return Assignment(
        step, severity, plan, groups, present=rows.present if step.makes == "mask" else None
    )


AT_ONCE = 16_384  # samples of which ids are held


def random_numbers(ids: pa.Array, seed: int, purpose: str) -> NDArray[np.uint64]:
    """A 64-bit random number for each sample, ``(n,)``.

    Ids become Python's texts a few at a time: all at once they are most of what a run holds.

    Args:
        ids: Ids of the samples, ``(n,)``.
        seed: The run's seed.
        purpose: What the numbers are for; two purposes have independent ones.
    """
    out = np.empty(len(ids), np.uint64)
    for start in range(0, len(ids), AT_ONCE):
        some = ids.slice(start, AT_ONCE).to_pylist()
        out[start : start + len(some)] = permanent(digests(seed, purpose, some))[:, 0]
    return out


def make_plan(
    rows: Rows, *, plan: str, severity: int, seed: int, part: AnyPlan | None = None
) -> NDArray[Any]:
    """What a plan decides for every row; severity 0 changes nothing.

    Args:
        rows: The set.
        plan: Name of the plan.
        severity: 0 to 5.
        seed: The run's seed.
        part: The plan itself, where it is not the one that comes under this name: with parameters
            that a user named.

    Returns:
        ``(n, modality)`` bool, True where made absent; or ``(n,)`` rows whose value is taken; or
        ``(n,)`` new labels; see `Plan.makes`.
    """
    part = part or load_plan(plan)
    if severity:
        return part.plan(rows, part.at(severity), seed)
    if part.makes == "mask":
        return np.zeros(rows.present.shape, np.bool_)
    if part.makes == "donors":
        return np.arange(len(rows.ids))
    if rows.labels is None:
        raise UsageError(
            "label noise needs a target with classes", fix="name [target] kind = class"
        )
    return rows.labels.copy()
