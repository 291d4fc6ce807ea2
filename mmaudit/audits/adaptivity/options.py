"""What adaptivity can be asked."""

from dataclasses import dataclass

from mmaudit.audits.declaration import Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = True
USUAL = (  # of each kind three that are unlike: noise, what is lost, and what is blurred or stale
    "image/gaussian_noise",
    "image/motion_blur",
    "image/low_light",
    "text/keyboard",
    "text/word_delete",
    "text/ocr",
    "audio/white_noise",
    "audio/packet_loss",
    "audio/low_pass",
    "series/gaussian_noise",
    "series/random_drop",
    "series/stuck_value",
    "table/gaussian_noise",
    "table/drop_entry",
    "table/stale_value",
    "vector/gaussian_noise",
    "vector/dropout",
)
VIEWS = (
    View(
        challenge="varying",
        form="moves",
        command="mmaudit adaptivity DATASET --model SPEC --out RUN",
        tells="whether trust moves off the modality that got worse",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How adaptivity is asked."""

    corruptions: tuple[str, ...] = option(
        "corruptions, as names, patterns, or subsets such as noise; every sample draws one for "
        "each modality",
        default=USUAL,
    )
    absent: str | None = option(
        "absence policy: model, zeros, mean, blank, marginal:K", default=None
    )
    budget: int | None = option(
        "passes a sample; where they do not pay for every coalition, some are sampled",
        default=None,
    )
    natural: bool = option(
        "also hold trust in clean samples against their natural quality, by the checks of inspect",
        default=False,
    )
    bursts: bool = option(
        "damage one stretch of each series and sound, whose share of the duration is the dose",
        default=False,
    )
    margin: float = option("within which an adaptivity is as good as none", default=0.1)
    replicates: int = option("bootstrap replicates of the intervals of curves", default=1000)
