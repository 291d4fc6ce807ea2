"""Adaptivity: whether the model's trust moves off the modality that got worse.

Every sample is made worse, each modality by itself, at a severity that is drawn by the seed and its
id. The model is asked with every subset of the modalities, clean and damaged; how much each
modality counts in both is compared, sample by sample, against what was done to it.
"""

from dataclasses import dataclass, replace

from mmaudit.audits.adaptivity import summary
from mmaudit.audits.adaptivity.damage.bursts import PERCENT, SEVERITY
from mmaudit.audits.adaptivity.options import NEEDS_MODEL, Options
from mmaudit.audits.adaptivity.setup import Decided, cost, decide, training, training_cost
from mmaudit.audits.adaptivity.unit import Adapting, work_of
from mmaudit.audits.adaptivity.usual import usual_answers
from mmaudit.audits.base import Job, Outcome, Read, check_replicates
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.self_check import self_check
from mmaudit.rows import Estimate, column
from mmaudit.samples.memory import budget

__all__ = ["NEEDS_MODEL", "Options", "Row", "prepare", "summarise"]


@dataclass(frozen=True, slots=True)
class Row:
    """One number about trust in one modality."""

    absent: str = column("absence policy")
    trust: str = column(
        "how trust was told: weight (the model's own), share (of the answer, by Shapley values), "
        "implied or mixture (weights of what each modality says alone, as logarithms or as "
        "probabilities, in the answer); empty for what is no trust"
    )
    modality: str = column("whose trust; empty for the whole model")
    dose_of: str = column("whose damage; empty where nothing is compared with damage")
    corruption: str = column("by this corruption alone; empty for all")
    check: str = column("check of natural quality that stands for the dose; empty for damage")
    condition: str = column("clean or damaged; empty for what compares the two")
    severity: int | None = column(
        "severity, 0 to 5, in bursts the step of their share of the duration; null for all"
    )
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    metric: str = column("what was measured")
    estimate: Estimate = column("the number with its 95 % interval")


def prepare(options: Options, inputs: Inputs) -> Job:
    """Decide everything that concerns the whole set, say what it costs, make the work."""
    check_replicates(options.replicates)
    setup = decide(options, inputs)
    work = _work(options, inputs, setup)
    checked = replace(setup.loaded, model=work.models.under[setup.policy][0])
    self_check(checked, inputs.dataset, setup.kinds, work.memory, coalitions=True)
    damaged, train = setup.damage.modalities, training(setup, inputs, options.seed)
    return Job(
        work=work,
        says=(
            f"{_how(options)}: {', '.join(damaged)}",
            f"absent values: {setup.policy} ({setup.why})",
            *work.models.notes,
            cost(setup, len(inputs.dataset)),
            *((training_cost(setup, len(train)),) if train is not None else ()),
        ),
        versions=setup.damage.versions,
        options={"absent": setup.policy, "pairs": setup.pairs},
    )


def summarise(options: Options, inputs: Inputs, read: Read) -> Outcome:
    """Turn what was said of all samples into effects, curves and verdicts."""
    setup = decide(options, inputs)
    scope = summary.TrustScope(
        modalities=tuple(setup.kinds),
        damaged=setup.damage.modalities,
        absent=setup.policy,
        margin=options.margin,
        in_bursts=options.bursts,
        seed=options.seed,
        replicates=options.replicates,
        natural=setup.natural,
        usual=usual_answers(_work(options, inputs, setup), setup, inputs, options.seed),
    )
    return summary.summarise(Row, scope, read)


def _how(options: Options) -> str:
    """How samples are damaged, said before they are."""
    if options.bursts:
        return (
            f"damaged in one burst at severity {SEVERITY}, of no or {PERCENT} of the duration, "
            "which each sample draws"
        )
    return "damaged, at a severity of 0 to 5 that each sample draws"


def _work(options: Options, inputs: Inputs, setup: Decided) -> Adapting:
    return work_of(
        setup,
        inputs,
        seed=options.seed,
        batch_size=options.batch_size,
        memory=budget(options.memory, options.workers),
    )
