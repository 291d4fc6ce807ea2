"""Which checks are made of which modality, what they learnt, and how near copies are found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mmaudit import parts
from mmaudit.audits.inspect.options import Options
from mmaudit.checks.base import KIND, LEARNT, QualityCheck
from mmaudit.errors import UsageError
from mmaudit.fingerprints.base import FOLDER, Fingerprint
from mmaudit.fingerprints.base import LEARNT as LEARNT_OF_COPIES
from mmaudit.formats import many
from mmaudit.options import unknown
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column
from mmaudit.samples.memory import spans


@dataclass(frozen=True, slots=True)
class ModalityCheck:
    """A check of one modality.

    Attributes:
        name: The check, as ``image/blur``.
        modality: The modality.
        check: The check, with the limit that was asked for.
        learnt: What it learnt from the dataset; None where it needs nothing.
    """

    name: str
    modality: str
    check: QualityCheck[Any]
    learnt: Any = None

    @property
    def short(self) -> str:
        """Its name without the kind, as ``blur``."""
        return self.name.rpartition("/")[2]

    @property
    def column(self) -> str:
        """Its column in the tables of samples."""
        return f"{self.modality}.{self.short}"

    def of(self, view: Any) -> float:
        """The number of one view."""
        if self.check.learn is None:
            return float(self.check.measure(view))
        return float(self.check.measure(view, self.learnt))


def checks_of(options: Options, dataset: Dataset) -> tuple[ModalityCheck, ...]:
    """The checks that are made, modality by modality; none has learnt yet.

    Raises:
        UsageError: A pattern matches no check, or a limit is none.
    """
    names, limits = parts.match(KIND, options.checks), _limits(options.limits)
    for name in limits:
        if name not in names:
            raise unknown(f"there is no check {name!r} to limit", name, names)
    return tuple(
        ModalityCheck(name, modality, _limited(name, limits))
        for modality, kind in dataset.kinds.items()
        for name in names
        if name.partition("/")[0] == kind
    )


@lru_cache(maxsize=1)  # both halves of the audit ask, and what is learnt costs
def fingerprints(
    dataset: Dataset, *, near: bool, seed: int, memory: int
) -> Mapping[str, Fingerprint]:
    """How near copies of each modality are found, where its kind has a way.

    Args:
        dataset: The samples.
        near: Whether near copies are looked for at all.
        seed: Chooses the samples that a fingerprint learns from.
        memory: Bytes that decoded samples may take.
    """
    names = parts.names(FOLDER) if near else ()
    prints: dict[str, Fingerprint] = {}
    for modality, kind in dataset.kinds.items():
        if kind not in names:
            continue
        prints[modality] = each = parts.load(FOLDER, kind).FINGERPRINT
        if each.learn is not None:
            sample = dataset.select(limit=LEARNT_OF_COPIES, seed=seed)
            prints[modality] = each.learn([*_values(sample, modality, memory)], len(dataset))
    return prints


def learnt(
    checks: tuple[ModalityCheck, ...], dataset: Dataset, seed: int, memory: int
) -> tuple[tuple[ModalityCheck, ...], tuple[str, ...]]:
    """The checks once they have learnt, and what is left out for want of samples.

    Args:
        checks: The checks.
        dataset: The samples to learn from.
        seed: Chooses some, where there are more than `LEARNT`.
        memory: Bytes that decoded samples may take.
    """
    sample = dataset.select(limit=LEARNT, seed=seed)
    done, left_out = list[ModalityCheck](), list[str]()
    views: dict[Any, list[Any]] = {}  # what checks look at alike is looked at once
    for each in checks:
        if each.check.learn is None:
            done.append(each)
            continue
        key = each.modality, each.check.view
        if key not in views:
            views[key] = list(_views(each, sample, memory))
        if len(views[key]) < each.check.fewest:
            there = many(len(views[key]), "value")
            left_out.append(
                f"{each.name} of {each.modality} is left out: it learns from {each.check.fewest} "
                f"values or more, and there are {there}"
            )
        else:
            done.append(replace(each, learnt=each.check.learn(views[key])))
    return tuple(done), tuple(left_out)


def _views(each: ModalityCheck, sample: Dataset, memory: int) -> Iterator[Any]:
    rate = sample.shape(each.modality).rate
    return (each.check.view(v, rate) for v in _values(sample, each.modality, memory))


def _values(sample: Dataset, modality: str, memory: int) -> Iterator[Any]:
    kind, shape = sample.kinds[modality], sample.shape(modality)
    for span in spans(sample, np.arange(len(sample)), memory, modality=modality):
        values, _ = column(sample.cells(modality, span), kind, shape)
        yield from (v for v in values if v is not None)


def _limits(texts: tuple[str, ...]) -> Mapping[str, float]:
    limits = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            limits[name] = float(value)
        except ValueError:
            raise UsageError(f"{text!r} is no limit of a check", fix="image/blur=-2.5") from None
    return limits


def _limited(name: str, limits: Mapping[str, float]) -> QualityCheck[Any]:
    check: QualityCheck[Any] = parts.load(KIND, name).CHECK
    return replace(check, limit=limits[name]) if name in limits else check
