"""What units of an inspection wrote, drawn at random: numbers of real checks, with ties and gaps."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from mmaudit import parts
from mmaudit.audits.inspect.comparisons.finding_kinds import finding_kinds
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.duplicates import Copies, whole
from mmaudit.audits.inspect.modality_checks import ModalityCheck
from mmaudit.audits.inspect.quality import judged
from mmaudit.audits.inspect.unit import ABSENT, PRESENT
from mmaudit.checks.base import KIND
from mmaudit.names import SLICE

MODALITIES = ("image", "text")


@dataclass
class Drawn:
    """Stands for `Contents`: the same names, of numbers that are drawn and not measured."""

    seed: int
    columns: dict
    splits: np.ndarray
    names_of_labels: np.ndarray
    groups: np.ndarray | None
    absent: dict
    slices: dict = field(default_factory=dict)
    of: np.ndarray | None = None

    @property
    def ids(self):
        return [str(i) for i in range(len(self.splits))]

    @property
    def labels(self):
        return np.unique(self.names_of_labels, return_inverse=True)[1]

    @property
    def names_of_groups(self):
        return self.groups.astype(str)

    @property
    def states(self):
        return {m: np.where(those, ABSENT, PRESENT) for m, those in self.absent.items()}

    @property
    def dataset(self):
        return SimpleNamespace(
            modalities=MODALITIES,
            split_for=lambda purpose: purpose,
            splits=tuple(np.unique(self.splits)),
            manifest=SimpleNamespace(source=SimpleNamespace(slices=tuple(self.slices))),
        )

    def coded(self, column):
        own = {"split": self.splits, "label": self.names_of_labels}
        if column == "group":
            own["group"] = self.names_of_groups
        texts = own[column] if column in own else self.slices[column.removeprefix(SLICE)]
        return np.unique(texts, return_inverse=True)

    def present(self, modality):
        return ~self.absent[modality]

    def numbers(self, column):
        return self.columns[column]

    def share(self, those, among):
        return Contents.share(self, those, among)


def checks():
    return tuple(
        ModalityCheck(name, modality, parts.load(KIND, name).CHECK)
        for modality in MODALITIES
        for name in parts.names(KIND)
        if name.startswith(f"{modality}/")
    )


def number(check, rng, common):
    """Numbers that spread as those of such a check: smooth, of few values, or mostly none."""
    own = 0.6 * common + 0.8 * rng.normal(size=common.size)
    match check.scale:
        case "counts":
            return np.floor(np.exp(1 + 0.5 * own))
        case "share":
            return np.where(own > 1.5, 0.05 * rng.integers(1, 6, own.size), 0.0)
        case "log":
            return np.exp(own)
    return own


def drawn(seed, n, *, worse=0.0, group_size=0, copied=0.0):
    """Samples of three splits, drawn alike but that test is worse in `image/noise`.

    Args:
        seed: Of the draws.
        n: Samples.
        worse: By how many standard deviations.
        group_size: Samples of a group on average, whose numbers go together; 0 without groups.
        copied: Share of samples that are copies, in all that they have, of the sample before them.
    """
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n // group_size, n) if group_size else np.arange(n)
    which = rng.choice(3, n, p=[0.6, 0.2, 0.2])[groups]
    splits = np.array(["train", "test", "validation"])[which]
    labels = np.array(["cat", "dog", "bird", "horse"])[rng.integers(0, 4, n)[groups]]
    common = rng.normal(size=n)[groups] if group_size else rng.normal(size=n)
    absent = {m: rng.random(n) < share for m, share in zip(MODALITIES, (0.02, 0.2), strict=True)}
    columns = {}
    for each in checks():
        numbers = number(each.check, rng, common)
        if each.name == "image/noise":
            numbers = numbers * np.where(splits == "test", np.exp(worse), 1.0)
        columns[each.column] = np.where(absent[each.modality], np.nan, numbers)
    site = np.array([f"site {k}" for k in range(6)])[rng.integers(0, 6, n)[groups]]
    units = np.unique(groups, return_inverse=True)[1] if group_size else None
    of = np.arange(n) - (np.random.default_rng([seed, 1]).random(n) < copied) * (np.arange(n) > 0)
    columns, absent = ({k: v[of] for k, v in some.items()} for some in (columns, absent))
    units = units if units is None else units[of]
    return Drawn(seed, columns, splits[of], labels[of], units, absent, {"site": site[of]}, of)


def opinions(contents):
    return tuple(judged(checks(), contents, 0.05, None))


def kinds_of_findings(contents):
    """Marks of flags, absence, copies, doubts of a tenth of the labels, and contradictions."""
    rng = np.random.default_rng([contents.seed, 2])
    near = np.arange(len(contents.of))
    near = np.unique(near[contents.of], return_inverse=True)[1]  # a chain of copies is cut in two
    some = [
        Copies(m, number, number, searched=True)
        for m in MODALITIES
        for number in [np.where(contents.present(m), near, -1)]
    ]
    likely = np.where(rng.random(len(near)) < 0.1, 0, -1)[contents.of]
    classes = rng.integers(-1, 4, (len(near), 2))[contents.of]
    sure = (rng.random(len(near)) < 0.05)[contents.of] & (classes >= 0).all(axis=1)
    labels = SimpleNamespace(
        positions=np.arange(len(near)),
        errors=SimpleNamespace(likely=likely),
        disagreements={MODALITIES: SimpleNamespace(sure=sure, classes=classes)},
    )
    return [*finding_kinds(contents, opinions(contents), some, whole(some), labels)]
