"""What robustness can be asked."""

from dataclasses import dataclass

from mmaudit.audits.declaration import Action, Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = True
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
    absent: tuple[str, ...] = option(
        "absence policies: model, zeros, mean, blank, marginal:K", default=()
    )
    replicates: int = option("bootstrap replicates of every interval", default=1000)
    measures: tuple[str, ...] = option(
        "further measures of the answers, by name; mmaudit list measures", default=()
    )
    breaking_point: str | None = option(
        "instead of a grid find the severity at which the primary metric crosses a limit (0.8, or "
        "drop:0.1 for a drop of 0.1), by bisection of severities 1 to 5",
        default=None,
    )
