"""Auto: of each modality plain features, or an encoder's where that does better on held-out rows.

Only encoders that are on this machine are tried, and only training rows have a say: the plainest
control is trained on each modality alone, and judged on the rows that it holds out.
"""

from dataclasses import dataclass, replace

from mmaudit.audits.remedies.features import FeatureMaker, FeatureRows
from mmaudit.audits.remedies.sources import FeatureEncoder, matched
from mmaudit.models.access import Access
from mmaudit.models.usual import usual_encoders
from mmaudit.remedies.base import CONTROLS
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FusionData
from mmaudit.remedies.training import fit
from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True)
class TrialTask:
    """What features are tried on.

    Attributes:
        train: The training samples.
        classes: Names of the classes; None where targets are numbers.
        setup: What is the same for every training.
        seed: Seed of the trials.
    """

    train: Dataset
    classes: tuple[str, ...] | None
    setup: TrainingSetup
    seed: int


def preferred(
    maker: FeatureMaker, task: TrialTask, access: Access
) -> tuple[FeatureMaker, tuple[str, ...]]:
    """The same, with the encoders that do better where it is auto; a sentence on each trial.

    Args:
        maker: How features are made otherwise.
        task: What they are tried on.
        access: What is allowed.
    """
    which, kinds = maker.sources, maker.kinds
    if not which.auto:
        return maker, ()
    free = {m: kind for m, kind in kinds.items() if m not in {*which.encoders, *which.places}}
    usual = usual_encoders(set(free.values()), access)
    if not usual:
        return maker, ("auto: plain features, for no encoder of these is on this machine.",)
    says, better = [], dict[str, FeatureEncoder]()
    plain = maker.rows(task.train, ())
    least = dict[str, float]()
    for loaded in usual:
        tried = matched(loaded, free)
        least |= {m: _error(plain, m, task) for m in tried if m not in least}
        encoded = replace(maker, sources=replace(which, encoders=tried)).rows(task.train, ())
        for m, encoder in tried.items():
            error = _error(encoded, m, task)
            says.append(
                f"auto: errors on held-out training rows by {m} alone: {error:.3f} with "
                f"{loaded.info.spec}, {least[m]:.3f} without it."
            )
            if error < least[m]:
                better[m], least[m] = encoder, error
    best = replace(which, encoders={**which.encoders, **better})
    return replace(maker, sources=best), tuple(says)


def _error(rows: FeatureRows, modality: str, task: TrialTask) -> float:
    """How wrong the plainest control is about held-out rows that have a modality, by it alone."""
    view = rows.clean[modality]
    data = FusionData(
        features={modality: view.values[view.present]},
        present={modality: view.present[view.present]},
        labels=rows.labels[view.present],
        classes=task.classes,
        groups=None if rows.groups is None else rows.groups[view.present],
    )
    return fit(CONTROLS["additive"], data, task.seed, task.setup).facts.score
