"""A model whose absent values are filled in by an imputer, from what each sample has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mmaudit import parts
from mmaudit.arrays import Bools, Ints, Scores, Words
from mmaudit.errors import UsageError
from mmaudit.imputers.base import KIND, Fitted, Imputer, Incomplete
from mmaudit.inference.averages import averaged
from mmaudit.inference.imputation.training import TrainingSamples, fold_of
from mmaudit.inference.precision import refined
from mmaudit.models.base import Batch, Model, Output, Present, Values
from mmaudit.models.batches import every_present, rows_of, stacked, take_present


@dataclass(frozen=True, slots=True)
class ImputerSpec:
    """An imputer as it was asked for.

    Attributes:
        name: Name of the part.
        count: The number after the colon; 0 where it takes none.
        several: Over how many values answers are averaged; 0 where there is one.
    """

    name: str
    count: int
    several: int


def imputer(policy: str) -> ImputerSpec | None:
    """The imputer that a policy asks for; None where it names none.

    Raises:
        UsageError: The number after the colon is missing, wrong, or one too many.
    """
    name, colon, number = policy.partition(":")
    if name not in parts.names(KIND):
        return None
    part = _part(name)
    count = int(number) if number.isdecimal() else 0
    if bool(colon) != bool(part.COUNT) or (part.COUNT and count < 1):
        usual = f"{name}:{part.COUNT}" if part.COUNT else name
        raise UsageError(f"there is no absence policy {policy!r}", fix=usual)
    return ImputerSpec(name, count, count if part.SEVERAL else 0)


def usages() -> tuple[str, ...]:
    """How each imputer is asked for, as ``knn:K``."""
    return tuple(f"{n}:K" if _part(n).COUNT else n for n in parts.names(KIND))


def fits(spec: ImputerSpec, samples: TrainingSamples) -> tuple[Fitted, ...]:
    """An imputer fitted on the training samples; once for each fold, on the samples of the others.

    Raises:
        UsageError: It cannot fill in one of the modalities.
        InputError: Too few of the samples have one.
    """
    part = _part(spec.name)
    return tuple(part.fit(samples.outside(fold), spec.count) for fold in range(samples.folds))


@dataclass(frozen=True)
class Imputed:
    """A model whose absent values are filled in before it sees them.

    It has no stages: what is filled in depends on the other values of a sample, and is encoded
    anew.

    Attributes:
        model: The model.
        output: What its answers are, and what the averages of them are.
        fits: The imputer, fitted; once for each fold where samples that are filled may be among
            those that it is fitted on.
        k: Over how many values answers are averaged.
    """

    model: Model
    output: Output
    fits: tuple[Fitted, ...]
    k: int = 1
    accepts_missing: bool = True

    @property
    def modalities(self) -> tuple[str, ...]:
        """The model's own."""
        return self.model.modalities

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The model's own."""
        return self.model.classes

    def scores(self, batch: Batch, present: Present) -> Scores:
        """Answers, where ``present`` decides what is filled in."""
        return self.several(batch, [present])[0]

    def several(
        self, batch: Batch, presents: Sequence[Present], words: Words | None = None
    ) -> list[Scores]:
        """Answers about the same samples with several masks.

        Args:
            batch: The samples.
            presents: What is there.
            words: Random number of each sample, or of its group, ``(n,)``: it says by which fold a
                sample is filled. None for 0 each.
        """
        n = len(next(iter(batch.values())))
        own = np.zeros(n, np.uint64) if words is None else words
        masks = [{m: np.asarray(p[m], bool) for m in self.modalities} for p in presents]
        absent = [~np.logical_and.reduce(list(mask.values())) for mask in masks]
        fine = refined if self.output == "probabilities" else lambda answers: answers

        def prepare(j: int, rows: Ints) -> Callable[[int], Scores]:
            some = {m: rows_of(batch[m], rows) for m in self.modalities}
            filled = self.filled(Incomplete(some, take_present(masks[j], rows), own[rows]))
            everyone = every_present(self.modalities, rows.size)
            return lambda i: fine(self.model.scores({m: f(i) for m, f in filled.items()}, everyone))

        return averaged(prepare, absent, self.k, self.output)

    def filled(self, samples: Incomplete) -> dict[str, Callable[[int], Values]]:
        """The values of each modality, complete, by the number of what is filled in."""
        return {m: self._filled(samples, m) for m in self.modalities}

    def _filled(self, samples: Incomplete, modality: str) -> Callable[[int], Values]:
        absent, values = ~samples.present[modality], samples.values[modality]
        if not absent.any():
            return lambda _: values
        rows = np.flatnonzero(absent)
        new: list[list[Any]] = [[None] * rows.size for _ in range(self.k)]
        for fold, fit in enumerate(self.fits):
            of_fold = fold_of(samples.words[rows], len(self.fits)) == fold
            if of_fold.any():
                filled = fit.fill(_some(samples, rows[of_fold]), modality)
                for column, values_of_fold in zip(new, filled, strict=True):
                    for place, value in zip(np.flatnonzero(of_fold), values_of_fold, strict=True):
                        column[place] = value
        return lambda i: _put(values, absent, new[i])


def _some(samples: Incomplete, rows: Ints) -> Incomplete:
    if rows.size == len(samples):
        return samples
    values = {m: rows_of(column, rows) for m, column in samples.values.items()}
    return Incomplete(values, take_present(samples.present, rows), samples.words[rows])


def _put(values: Values, absent: Bools, new: Sequence[Any]) -> Values:
    """Values with others where they are absent; the input is left as it is."""
    whole, rest = list(values), iter(new)
    return stacked([next(rest) if gone else one for one, gone in zip(whole, absent, strict=True)])


@cache
def _part(name: str) -> Imputer:
    part: Imputer = parts.load(KIND, name)
    return part
