"""Conditions that methods are judged under: clean, damaged, incomplete, in conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mmaudit.arrays import Bools, Ints, Vectors
from mmaudit.audits.remedies.features import FeatureRows
from mmaudit.injection.steps import Step
from mmaudit.names import CLEAN, subset
from mmaudit.seeds import words

DAMAGED, INCOMPLETE, CONFLICT = "damaged", "incomplete", "conflict"
FAMILIES = (CLEAN, DAMAGED, INCOMPLETE, CONFLICT)  # of conditions, in the order of the tables
EVERY = 4  # modalities up to which each subset is judged; beyond, one alone and one absent
SHARE = 0.4  # of samples in conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCondition:
    """One condition.

    Attributes:
        name: Its key in every table.
        family: Which of `FAMILIES` it belongs to.
        present: Modalities that are there; what is absent anyway stays so.
        damage: Spec of the damage; empty for none.
        conflict: Whether samples show one modality of a sample of another class.
    """

    name: str
    family: str
    present: tuple[str, ...]
    damage: str = ""
    conflict: bool = False


def scenes(
    modalities: Sequence[str], steps: Sequence[Step], *, classes: bool
) -> tuple[JudgedCondition, ...]:
    """All conditions, clean first.

    Args:
        modalities: Their names.
        steps: The damage.
        classes: Whether targets are classes, between which modalities can conflict.
    """
    every = tuple(modalities)
    out = [JudgedCondition(name=CLEAN, family=CLEAN, present=every)]
    out += [
        JudgedCondition(name=s.spec, family=DAMAGED, present=every, damage=s.spec) for s in steps
    ]
    if len(every) < 2:
        return tuple(out)
    out += [
        JudgedCondition(name=subset(some), family=INCOMPLETE, present=some)
        for some in _subsets(every)
    ]
    if classes:
        out.append(JudgedCondition(name=CONFLICT, family=CONFLICT, present=every, conflict=True))
    return tuple(out)


def _subsets(every: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Subsets with something and not everything, the smallest first."""
    few = range(1, len(every))
    sizes = few if len(every) <= EVERY else sorted({1, len(every) - 1})
    return [some for size in sizes for some in combinations(every, size)]


@dataclass(frozen=True, slots=True, eq=False)
class Swap:
    """Which samples show a modality of another sample.

    Attributes:
        modality: Place of the modality, -1 for none, ``(n,)``.
        donor: Position of the other sample, of the next class, ``(n,)``.
    """

    modality: Ints
    donor: Ints

    def of(self, place: int, encoded: Vectors, present: Bools) -> tuple[Vectors, Bools]:
        """One modality with what the others show in it."""
        hit = self.modality == place
        rows = np.where(hit, self.donor, np.arange(hit.size))
        return encoded[rows], present[rows]


def swap(rows: FeatureRows, modalities: Sequence[str], classes: int, seed: int) -> Swap:
    """Draw the conflict: `SHARE` of the samples show one modality of a sample of the next class.

    After the conflicting sets of Xu et al. 2024 (reliable conflictive multi-view learning,
    AAAI, arXiv:2402.16897), without their further noise.

    Args:
        rows: The samples.
        modalities: Their modalities.
        classes: How many classes there are.
        seed: The run's seed.
    """
    n, draw = len(rows), words(seed, "remedies/conflict")
    hit = draw.permutation(n)[: round(SHARE * n)]
    which, pick = draw.integers(n, len(modalities), stream=1), draw.uniforms(n, stream=2)
    modality, donor = np.full(n, -1, np.int64), np.arange(n)
    members = {c: np.flatnonzero(rows.labels == c) for c in range(classes)}
    for i in hit.tolist():
        others = members[(int(rows.labels[i]) + 1) % classes]
        if others.size:
            modality[i], donor[i] = which[i], others[int(pick[i] * others.size)]
    return Swap(modality, donor)


def by_family(every: Sequence[JudgedCondition]) -> Mapping[str, tuple[int, ...]]:
    """Positions of the conditions of each family that has any."""
    return {
        family: places
        for family in FAMILIES
        if (places := tuple(i for i, scene in enumerate(every) if scene.family == family))
    }
