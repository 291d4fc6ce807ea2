"""Remedies: which of the field's methods help on this data, each trained and judged alike.

Every method is trained on the features of the training split, with the same encoders, updates,
tuning, seeds and batches, and judged on the same samples: clean, under damage, with modalities
absent, and where modalities conflict. Each is compared with the control of the same head.
"""

from dataclasses import dataclass, replace
from typing import Any

from mmaudit.audits.base import Job, Outcome, Read
from mmaudit.audits.remedies import summary
from mmaudit.audits.remedies.cost import ContestCosts
from mmaudit.audits.remedies.judging import Ring
from mmaudit.audits.remedies.options import NEEDS_MODEL, Options
from mmaudit.audits.remedies.recipe.choice import choose
from mmaudit.audits.remedies.recipe.files import recipe_files
from mmaudit.audits.remedies.setup import TRAINED, Arranged, arrange
from mmaudit.audits.remedies.slices import parts_of
from mmaudit.inference.inputs import Inputs
from mmaudit.rows import Estimate, column

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number about one method."""

    method: str = column("the method; +damaged where it was trained on damaged samples too")
    family: str = column(
        "conditions: clean, damaged, incomplete, conflict; empty for what belongs to none"
    )
    condition: str = column("the one condition; empty for all of the family together")
    modality: str = column("the modality that it is of; empty for all together")
    control: str = column("what it is compared with; empty where nothing is compared")
    slice: str = column("part of the samples; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")
    verdict: str = column(
        "helps, harms, no shown difference, or cannot be told; empty where nothing is judged"
    )
    needs: int | None = column(
        "samples that would tell, as far as samples can; null where more seeds are needed first"
    )


def prepare(options: Options, inputs: Inputs) -> Job:
    """Make all features, say what will be trained, make the work."""
    arranged = arrange(options, inputs)
    decided: dict[str, Any] = {"features_of": dict(arranged.features)}
    if options.budget is not None:
        decided[TRAINED] = [one.name for one in arranged.contest.contestants]
    return Job(
        work=arranged.contest,
        units=len(arranged.contest),
        says=_says(arranged, options),
        options=decided,
        costs=ContestCosts(arranged.contest).units,
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Judge every method beside its control."""
    arranged = arrange(options, inputs)
    arrange.cache_clear()  # features are large
    contest = arranged.contest
    ring = Ring(
        contestants=contest.contestants,
        seeds=len(contest.seeds),
        scenes=arranged.scenes,
        groups=contest.judged.groups,
        score="correct" if contest.training.classes is not None else "error",
        modalities=tuple(contest.judged.clean),
        parts=parts_of(contest.judged.slices),
    )
    scope = summary.ContestScope(
        row=Row,
        ring=ring,
        controls=arranged.controls,
        margin=options.margin,
        families=arranged.families,
        notes=arranged.notes,
    )
    outcome = summary.summarise(scope, read)
    choice = choose(outcome.rows, lower=ring.score == "error")
    files, said = recipe_files(contest, ring, read, choice)
    return replace(outcome, files={**outcome.files, **files}, notes=(*outcome.notes, said))


def _says(arranged: Arranged, options: Options) -> tuple[str, ...]:
    contest = arranged.contest
    methods, rows = len(contest.contestants), len(contest.training)
    return (
        f"{methods} methods, {options.seeds} seeds: {len(contest)} trainings on {rows:,} rows",
        f"judged on {len(contest.judged):,} samples under {len(arranged.scenes)} conditions",
        *_settled(options),
        *arranged.says,
    )


def _settled(options: Options) -> tuple[str, ...]:
    """What a run that was named decided."""
    if options.for_run is None:
        return ()
    damage = ", ".join(options.against) or "no damage"
    return (f"by {options.for_run}: {damage}; methods {', '.join(options.methods)}",)
