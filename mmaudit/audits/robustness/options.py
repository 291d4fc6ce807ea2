"""What robustness can be asked."""

from dataclasses import dataclass
from typing import Literal

from mmaudit.audits.declaration import Action, Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = True
STEPS, RESTARTS = 10, 1  # of an attack, at each severity
ACTIONS = {
    "export": Action(
        help="Instead of asking a model, write each condition as a dataset into this folder; its "
        "answers come back with --model predictions:FILE.",
        act="mmaudit.runs.export:export",
        instead=True,
    )
}
VIEWS = (
    View(
        challenge="noisy",
        form="sweep",
        samples="Samples whose answer changes under most conditions",
        command="mmaudit robustness DATASET --model SPEC --out RUN",
        tells="how far the model falls under each corruption",
    ),
    View(
        challenge="incomplete",
        form="subsets",
        about="absent modalities",
        command="mmaudit robustness DATASET --model SPEC --out RUN --missing",
        tells="what the model does with every subset of the modalities",
    ),
)


PROTOCOLS = (
    "mmp:text, mmp:both:0.7, psp:0.5, random-rate:0.3, severe:text:0.1, brats15, "
    "rates:image=0.5,text=0.1, mcar:0.3, mcar-modality:0.3, mar:0.3, mnar:0.3, block:0.3, "
    "monotone:0.5, patterns:0.5; mmaudit list corruptions 'missing/*'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How robustness is asked."""

    corruptions: tuple[str, ...] = option(
        "corruptions to apply, as names, patterns, or subsets such as common", default=("*/*",)
    )
    severities: tuple[int | str, ...] = option(
        "severities to apply, 1 to 5, or a severities.json of corrupt --calibrate",
        default=(1, 3, 5),
    )
    joint: bool = option("also corrupt all modalities at once", default=False)
    missing: bool = option("also ask with every subset of modalities present", default=False)
    unimodal: tuple[str, ...] = option(
        "with --missing: separately trained models of one modality, as MODALITY=ADAPTER:WHERE, "
        "which what is left is compared with; probes stand in for those not named; none: nothing",
        default=(),
        names_model=True,
    )
    patterns: Literal["all", "own"] = option(
        "with --missing: all 2^M - 1 subsets, or only the dataset's own, the sets of modalities "
        "that its samples have",
        default="all",
    )
    protocol: tuple[str, ...] = option(
        "also take modalities away as papers do, as NAME[:MODALITY][:NUMBER]: " + PROTOCOLS,
        default=(),
    )
    joint_missing: bool = option(
        "also apply every corruption of a modality while each other one is absent, and say how "
        "much more it costs then",
        default=False,
    )
    absent: tuple[str, ...] = option(
        "absence policies: model, zeros, mean, blank, marginal:K, or an imputer: ridge, knn:K, "
        "conditional:K",
        default=(),
    )
    worst_case: bool = option(
        "also, for each sample, the worst of the corruptions of a modality at each severity",
        default=False,
    )
    draws: int = option(
        "with --worst-case, draws of each corruption's randomness to choose among", default=1
    )
    attack: tuple[str, ...] = option(
        "modalities to attack through the model's gradients (PGD), as names or patterns",
        default=(),
    )
    attack_steps: int = option("with --attack, steps from each start", default=STEPS)
    attack_restarts: int = option("with --attack, starts at each severity", default=RESTARTS)
    replicates: int = option("bootstrap replicates of every interval", default=1000)
    measures: tuple[str, ...] = option(
        "further measures of the answers, by name; mmaudit list measures", default=()
    )
    breaking_point: str | None = option(
        "instead of a grid find the severity at which the primary metric crosses a limit (0.8, or "
        "drop:0.1 for a drop of 0.1), by bisection of severities 1 to 5",
        default=None,
    )
