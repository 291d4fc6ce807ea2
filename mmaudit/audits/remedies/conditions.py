"""Conditions that methods are judged under: clean, damaged, incomplete, in conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from mmaudit.injection.steps import Step
from mmaudit.names import CLEAN, subset

DAMAGED, INCOMPLETE, CONFLICT = "damaged", "incomplete", "conflict"
CONFLICT_NOISE = f"{CONFLICT}+noise"  # the condition of the family that has noise too
FAMILIES = (CLEAN, DAMAGED, INCOMPLETE, CONFLICT)  # of conditions, in the order of the tables
EVERY = 4  # modalities up to which each subset is judged; beyond, one alone and one absent


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCondition:
    """One condition.

    Attributes:
        name: Its key in every table.
        family: Which of `FAMILIES` it belongs to.
        present: Modalities that are there; what is absent anyway stays so.
        damage: Spec of the damage; empty for none.
        severity: Its severity; 0 for none.
        conflict: Whether samples show one modality of a sample of another class.
        noise: Whether samples have noise in some of their modalities before that.
    """

    name: str
    family: str
    present: tuple[str, ...]
    damage: str = ""
    severity: int = 0
    conflict: bool = False
    noise: bool = False

    @property
    def damaged(self) -> str:
        """The modality that is damaged; empty for none."""
        return self.damage.rpartition("@")[2]


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
        JudgedCondition(
            name=s.spec, family=DAMAGED, present=every, damage=s.spec, severity=s.severity
        )
        for s in steps
    ]
    if len(every) < 2:
        return tuple(out)
    out += [
        JudgedCondition(name=subset(some), family=INCOMPLETE, present=some)
        for some in _subsets(every)
    ]
    if classes:
        out += [
            JudgedCondition(name=name, family=CONFLICT, present=every, conflict=True, noise=noise)
            for name, noise in ((CONFLICT, False), (CONFLICT_NOISE, True))
        ]
    return tuple(out)


def _subsets(every: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Subsets with something and not everything, the smallest first."""
    few = range(1, len(every))
    sizes = few if len(every) <= EVERY else sorted({1, len(every) - 1})
    return [some for size in sizes for some in combinations(every, size)]


def by_family(every: Sequence[JudgedCondition]) -> Mapping[str, tuple[int, ...]]:
    """Positions of the conditions of each family that has any."""
    return {
        family: places
        for family in FAMILIES
        if (places := tuple(i for i, scene in enumerate(every) if scene.family == family))
    }
