"""What remedies can be asked."""

from dataclasses import dataclass

from mmaudit.audits.declaration import Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = False
TRAINS = True
PLAIN, AUTO = "plain", "auto"  # features
VIEWS = (
    View(
        form="leaderboard",
        about="what helps",
        command="mmaudit remedies DATASET --against PART:SEVERITY@MODALITY --out RUN",
        tells="which of the field's methods help on this data",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How remedies are asked."""

    methods: tuple[str, ...] = option(
        "methods, as names or patterns such as 'balance/*'; controls are always beside them",
        default=("*",),
    )
    against: tuple[str, ...] = option(
        "damage that methods are judged under, as PART[:SEVERITY][@MODALITY]; without a severity "
        "at 1, 3 and 5",
        default=(),
    )
    for_run: str | None = option(
        "a run: the damage is what costs its model most in robustness, of each modality; "
        "methods, if none are named, dynamic and generic ones against it, and those of balance "
        "where contributions raise a flag of it",
        flag="for",
        changes_numbers=False,
        default=None,
    )
    train_with: tuple[str, ...] = option(
        "damage that every method is also trained with, as PART[:SEVERITY][@MODALITY]: a damaged "
        "copy of each training sample beside the clean one",
        default=(),
    )
    features: tuple[str, ...] = option(
        "plain; ADAPTER:WHERE of an encoder, or MODALITY=ADAPTER:WHERE; MODALITY=FILE.npy with a "
        "row for every row of the source; auto: an encoder that is on this machine, where it does "
        "better on held-out training rows",
        names_model=True,
        default=(PLAIN,),
    )
    seeds: int = option("trainings of each method, each with a seed of its own", default=5)
    steps: int = option("updates of a training", default=400)
    width: int = option("numbers that each modality is encoded as", default=64)
    budget: float | None = option(
        "minutes that training and judging may take: controls, and as many methods as then fit, "
        "by a few updates of each",
        default=None,
    )
    margin: float = option("difference in accuracy that matters", default=0.02)
