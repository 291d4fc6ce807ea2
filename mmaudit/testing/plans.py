"""What every plan owes: a corruption of the set, such as absence, wrong partners, wrong labels."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES, AnyPlan, Plan, Rows
from mmaudit.injection.assignment import make_plan
from mmaudit.testing.questions import ask, global_randomness, require

KIND = "corruptions"
SEEDS = 8
WORDS = ["red", "dog", "cat", "child", "ball", "street", "beach", "snow", "tree", "car", "boat"]


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """A plan by name."""

    name: str
    plan: AnyPlan

    def planned(self, rows: Rows, severity: int, seed: int = 0) -> NDArray[Any]:
        """What it plans for some rows."""
        return make_plan(rows, plan=self.name, severity=severity, seed=seed)

    def touched(self, rows: Rows, severity: int, seed: int = 0) -> NDArray[np.bool_]:
        """Which cells or rows it changes."""
        result = self.planned(rows, severity, seed)
        if self.plan.makes == "mask":
            return result
        return result != (np.arange(len(rows.ids)) if self.plan.makes == "donors" else rows.labels)


def check_plan(name: str, *, skip: Collection[str] = ()) -> None:
    """Ask a plan what every plan owes.

    Does it say what it is, with five severities and their units? Does it make what it says, of
    the right type and size? Does severity 0 change nothing, every other something, and a worse one
    more? Is a milder severity contained in a worse one? Does the order of the rows not matter, with
    groups and without? Does the seed matter? Are its input and global randomness left alone? Is
    only taken away or exchanged what is there? Does it read no more than its ``needs`` say? Is the
    plan of an empty set empty?

    Args:
        name: Name of the plan, as ``missing/my_pattern``.
        skip: Names of questions that do not concern it: where there is no chance in it, say, the
            seed cannot matter.

    Raises:
        ContractError: It fails a question, which is named.

    Example:
        >>> check_plan("missing/mcar")
    """
    ask(name, subject(name), QUESTIONS, skip)


def subject(name: str) -> PlanSubject:
    """A plan by name."""
    part = parts.load(KIND, name)
    require(isinstance(getattr(part, "PLAN", None), Plan), f"{name} is no plan")
    return PlanSubject(name, part.PLAN)


def make_rows(
    n: int = 120,
    modalities: tuple[str, ...] = ("image", "text", "audio"),
    order: Sequence[int] | NDArray[np.int64] | None = None,
    *,
    groups: bool = True,
) -> Rows:
    """A set with everything that a plan may ask for, listed in any order."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, n)
    group = np.array([f"photo{i // 3}" for i in range(n)], object)
    scores = {name: rng.normal(size=n) for name in ("age", *modalities)}
    texts = [" ".join(rng.choice(WORDS, 5)) for _ in range(n)]
    at = np.arange(n) if order is None else np.asarray(order)
    return Rows(
        ids=[f"row{i}" for i in at],
        modalities=modalities,
        present=np.ones((n, len(modalities)), bool),
        labels=labels[at],
        classes=4,
        groups=group[at] if groups else None,
        scores={k: v[at] for k, v in scores.items()},
        texts={"text": [texts[i] for i in at]},
    )


def it_says_what_it_is(of: PlanSubject) -> None:
    """A source, a version, five different severities, and a unit of every parameter."""
    plan = of.plan
    require(plan.source, "no source")
    require(plan.version >= 1, f"version {plan.version}")
    count = len(plan.severities)
    require(count == len(set(plan.severities)) == SEVERITIES, f"severities {plan.severities}")
    require(set(plan.units) == set(plan.severities[0]._fields), f"units of {set(plan.units)}")
    summary = parts.summary(KIND, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")


def it_makes_what_it_says(of: PlanSubject) -> None:
    """A mask of cells, rows to take values from, or labels, for every severity."""
    rows = make_rows()
    n, plan = len(rows.ids), of.plan
    for severity in range(1, SEVERITIES + 1):
        result = of.planned(rows, severity)
        if plan.makes == "mask":
            require(result.dtype == bool, f"a mask of {result.dtype}")
            require(result.shape == rows.present.shape, f"a mask of {result.shape}")
            continue
        require(result.dtype == np.int64, f"{plan.makes} of {result.dtype}")
        require(result.shape == (n,), f"{plan.makes} of {result.shape}")
        most = rows.classes if plan.makes == "labels" else n
        require(result.min() >= 0 and result.max() < most, f"{plan.makes} outside 0 … {most - 1}")


def severity_0_changes_nothing(of: PlanSubject) -> None:
    """Severity 0 is the identity."""
    require(not of.touched(make_rows(), 0).any(), "something is changed")


def every_severity_changes_something(of: PlanSubject) -> None:
    """Severity 1 changes something, and severity 5 no less."""
    rows = make_rows()
    mild, worst = (int(of.touched(rows, s).sum()) for s in (1, SEVERITIES))
    require(0 < mild <= worst, f"severity 1 changes {mild}, severity 5 {worst}")


def worse_severities_change_more(of: PlanSubject) -> None:
    """Each severity changes more cells or rows than the one before it."""
    rows = make_rows()
    counts = [int(of.touched(rows, s).sum()) for s in range(SEVERITIES + 1)]
    require(counts == sorted(set(counts)), f"changed by severity: {counts}")


def a_milder_severity_is_contained_in_a_worse_one(of: PlanSubject) -> None:
    """What a milder severity changes, a worse one changes too."""
    rows = make_rows()
    levels = [of.touched(rows, s) for s in range(1, SEVERITIES + 1)]
    for severity, (mild, worse) in enumerate(pairwise(levels), 1):
        require(not (mild & ~worse).any(), f"severity {severity + 1} leaves what {severity} hits")


def the_order_of_the_rows_does_not_matter(of: PlanSubject) -> None:
    """A plan is a function of the set of ids, where there are groups."""
    _order(of, groups=True)


def the_order_does_not_matter_without_groups(of: PlanSubject) -> None:
    """Likewise where there are no groups."""
    _order(of, groups=False)


def _order(of: PlanSubject, *, groups: bool) -> None:
    rows = make_rows(groups=groups)
    order = np.random.default_rng(1).permutation(len(rows.ids))
    shuffled = make_rows(order=order, groups=groups)
    for severity in (1, SEVERITIES):
        straight = of.planned(rows, severity, 3)
        mixed = of.planned(shuffled, severity, 3)
        if of.plan.makes == "donors":
            same = [rows.ids[straight[i]] for i in order] == [shuffled.ids[d] for d in mixed]
        else:
            same = bool((straight[order] == mixed).all())
        require(same, f"severity {severity} depends on the order of the rows")


def the_seed_matters(of: PlanSubject) -> None:
    """Another seed gives another plan."""
    rows = make_rows()
    result = {of.planned(rows, 3, seed).tobytes() for seed in range(SEEDS)}
    require(len(result) > 1, f"{SEEDS} seeds give one plan")


def its_input_and_global_randomness_are_left_alone(of: PlanSubject) -> None:
    """Arrays that may not be written to are accepted."""
    rows = make_rows()
    arrays = [rows.present, rows.labels, rows.groups, *rows.scores.values()]
    for array in arrays:
        if array is not None:
            array.flags.writeable = False
    before = global_randomness()
    of.planned(rows, SEVERITIES)
    require(global_randomness() == before, "global randomness was drawn from")


def only_what_is_there_is_taken_away_or_exchanged(of: PlanSubject) -> None:
    """An absent value is neither taken away nor given to another sample."""
    rows = make_rows()
    absent = np.random.default_rng(2).random(rows.present.shape) < 0.15
    absent[:, 0] = False
    rows.present[absent] = False
    result = of.planned(rows, 2)
    if of.plan.makes == "mask":
        require(not (result & ~rows.present).any(), "what is absent is taken away")
    elif of.plan.makes == "donors":
        changed = result != np.arange(len(rows.ids))
        require(rows.present[changed].all(), "a sample that lacks a modality gets another's value")
        require(
            rows.present[result[changed]].all(), "a sample that lacks a modality gives its value"
        )


def it_reads_no_more_of_the_rows_than_it_says_it_needs(of: PlanSubject) -> None:
    """Texts and scores that it does not need may be left out."""
    rows, needs = make_rows(), set(of.plan.needs)
    texts = rows.texts if {"texts", "texts_or_scores"} & needs else {}
    scores = rows.scores if "scores" in needs else {}
    bare = replace(rows, texts=texts, scores=scores)
    for severity in (1, SEVERITIES):
        same = (of.planned(bare, severity, 7) == of.planned(rows, severity, 7)).all()
        require(same, f"severity {severity} reads more than it says in needs")


def an_empty_set_gives_an_empty_plan(of: PlanSubject) -> None:
    """There may be no rows."""
    require(len(of.planned(make_rows(n=0), 3)) == 0, "a plan of no rows has rows")


QUESTIONS: tuple[Callable[[PlanSubject], None], ...] = (
    it_says_what_it_is,
    it_makes_what_it_says,
    severity_0_changes_nothing,
    every_severity_changes_something,
    worse_severities_change_more,
    a_milder_severity_is_contained_in_a_worse_one,
    the_order_of_the_rows_does_not_matter,
    the_order_does_not_matter_without_groups,
    the_seed_matters,
    its_input_and_global_randomness_are_left_alone,
    only_what_is_there_is_taken_away_or_exchanged,
    it_reads_no_more_of_the_rows_than_it_says_it_needs,
    an_empty_set_gives_an_empty_plan,
)
