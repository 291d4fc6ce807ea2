"""What a trained method answers under each condition: each modality is encoded once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mmaudit.arrays import Bools, Floats, Mask, Vectors
from mmaudit.audits.remedies.conditions import JudgedCondition
from mmaudit.audits.remedies.conflict import ConflictDraw
from mmaudit.audits.remedies.features import FeatureRows, FeatureView
from mmaudit.measures.trust.evidence import vacuity
from mmaudit.remedies.fitted import FittedFusion

WEIGHT, VACUITY = TRUST = "weight", "vacuity"
Views = tuple[dict[str, Vectors], dict[str, Bools]]  # encodings, and which are there


@dataclass(frozen=True, slots=True, eq=False)
class Answering:
    """A trained method and what it has encoded, clean and damaged.

    Attributes:
        fitted: The method.
        judged: The samples.
        conflict: What was drawn of the conflict; None without one.
    """

    fitted: FittedFusion
    judged: FeatureRows
    conflict: ConflictDraw | None
    _encoded: dict[str, tuple[Vectors, Bools]] = field(default_factory=dict)

    def under(self, scene: JudgedCondition) -> Floats:
        """Answers under one condition, ``(n, output)``."""
        return self.fitted.fuse(*self._views(scene))

    def of_coalition(self, there: Mask) -> Floats:
        """Answers to clean samples of which some modalities are there, ``(n, output)``."""
        clean = {m: self._of(m, m, self.judged.clean) for m in self.judged.clean}
        return self.fitted.fuse(
            {m: values for m, (values, _) in clean.items()},
            {m: there[:, k] for k, m in enumerate(clean)},
        )

    def trust(self, scene: JudgedCondition) -> dict[str, Floats]:
        """Trust in each modality under one condition, ``(n, modality)``; NaN where it is absent.

        Weights of a method that has some, and the uncertainty that evidence leaves of one that
        joins evidence; nothing of others.
        """
        views = self._views(scene)
        there = np.stack(list(views[1].values()), axis=1)
        weights, evidence = self.fitted.trust(*views), self.fitted.evidence(*views)
        said = {} if weights is None else {WEIGHT: weights}
        if evidence is not None:
            said[VACUITY] = vacuity(evidence)
        return {name: np.where(there, values, np.nan) for name, values in said.items()}

    def _views(self, scene: JudgedCondition) -> Views:
        """Every modality as it is under one condition."""
        h, there = dict[str, Vectors](), dict[str, Bools]()
        for place, m in enumerate(self.judged.clean):
            if m == scene.damaged:
                h[m], there[m] = self._of(m, scene.damage, self.judged.damaged)
            else:
                h[m], there[m] = self._of(m, m, self.judged.clean)
            if scene.noise and self.conflict is not None:
                h[m] = self._noisy(m, h[m], self.conflict)
            if scene.conflict and self.conflict is not None:
                h[m], there[m] = self.conflict.swap.of(place, h[m], there[m])
            if m not in scene.present:
                there[m] = np.zeros_like(there[m])
        return h, there

    def _noisy(self, modality: str, encoded: Vectors, conflict: ConflictDraw) -> Vectors:
        """One modality encoded, with noise in the samples that have it."""
        out = encoded.copy()
        values = conflict.noise.values[modality]
        out[conflict.noise.rows[modality]] = self.fitted.encode(modality, values)
        return out

    def _of(
        self, modality: str, key: str, views: Mapping[str, FeatureView]
    ) -> tuple[Vectors, Bools]:
        """One view, encoded once."""
        if key not in self._encoded:
            view = views[key]
            self._encoded[key] = (self.fitted.encode(modality, view.values), view.present)
        return self._encoded[key]
