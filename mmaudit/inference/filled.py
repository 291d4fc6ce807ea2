"""A model whose absent values are filled before it sees them, each sample from its own donors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Scores, Words
from mmaudit.inference.averages import averaged
from mmaudit.inference.precision import refined
from mmaudit.inference.runs_of_donors import runs_of, starts
from mmaudit.models.base import Batch, Model, Output, Present, TwoStage, Values
from mmaudit.models.batches import Filling, every_present, length, rows_of

Fillers = Mapping[str, Values]
Ask = Callable[[dict[str, Any], Present], Scores]
TOGETHER = 64  # donors that are encoded at a time


@dataclass(frozen=True)
class Filled:
    """A model whose absent values are filled before it sees them.

    Attributes:
        model: The model.
        output: What its answers are, and what the averages of them are.
        fillers: One value a modality, or a pool of them: answers are averaged over ``k`` of them.
        k: Over how many.
        first: Where these begin among those of a sample.
        own: How many each sample has of its own.
        passes: Whether the mask goes through; then values are filled for their shape alone.
    """

    model: Model
    output: Output
    fillers: Fillers
    k: int = 1
    first: int = 0
    own: int = 1
    passes: bool = False
    accepts_missing: bool = True

    @property
    def modalities(self) -> tuple[str, ...]:
        """The model's own."""
        return self.model.modalities

    @property
    def runs(self) -> dict[str, int]:
        """How many runs the fillers of each modality are cut into."""
        return runs_of({m: len(values) for m, values in self.fillers.items()}, self.own)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The model's own."""
        return self.model.classes

    def share(self, first: int, k: int) -> "Filled":
        """The same with some of the fillers of each sample."""
        return replace(self, first=first, k=k)

    def scores(self, batch: Batch, present: Present) -> Scores:
        """Answers, where ``present`` decides what is filled."""
        return self.several(batch, [present])[0]

    def several(
        self, batch: Batch, presents: Sequence[Present], words: Words | None = None
    ) -> list[Scores]:
        """Answers about the same samples with several masks; each filler is put in once.

        Args:
            batch: The samples.
            presents: What is there.
            words: Random number of each sample, ``(n,)``, by which it has fillers of its own, from
                one place in the pool on. None for the first ones.
        """
        shaped = {m: self.shaped(m, batch[m]) for m in self.modalities}
        if self.passes:
            return [self.model.scores(shaped, present) for present in presents]
        return self.averaged(self.model.scores, shaped, self.fillers, presents, words)

    def averaged(
        self,
        ask: Ask,
        values: Batch,
        fillers: Fillers,
        presents: Sequence[Present],
        words: Words | None,
    ) -> list[Scores]:
        """Answers to values or features, averaged over what stands for the absent ones."""
        absent, runs = [self.absent(present) for present in presents], self.runs
        fillings: dict[tuple[str, bytes, int, bytes], Filling] = {}

        def filling(m: str, gone: NDArray[np.bool_], rows: NDArray[np.int64]) -> Filling:
            key = m, gone.tobytes(), rows.size, b"" if rows.size == gone.size else rows.tobytes()
            if key not in fillings:
                own, some = None, fillers[m]
                if words is not None:
                    own = starts(words, len(some), runs[m], self.own)
                fillings[key] = Filling(values[m], gone, rows, some, own)
            return fillings[key]

        def prepare(j: int, rows: NDArray[np.int64]) -> Callable[[int], Scores]:
            each = {m: filling(m, ~np.asarray(presents[j][m], bool), rows) for m in self.modalities}
            everyone = every_present(self.modalities, rows.size)
            fine = refined if self.output == "probabilities" else lambda answers: answers
            return lambda i: fine(
                ask({m: f.filled(self.first + i) for m, f in each.items()}, everyone)
            )

        return averaged(prepare, absent, self.k, self.output)

    def absent(self, present: Present) -> NDArray[np.bool_]:
        """Whether anything of each sample is absent, ``(n,)``."""
        return ~np.all([np.asarray(present[m], bool) for m in self.modalities], axis=0)

    def stand_ins(self, modality: str) -> Values | None:
        """The fillers of a modality; None where the mask goes through."""
        return None if self.passes else self.some(self.fillers[modality])

    def some(self, fillers: Values) -> Values:
        """Those of the first samples: as many as are averaged over."""
        return rows_of(fillers, range(self.first, self.first + self.k))

    def shaped(self, modality: str, values: Values) -> Values:
        """Values of a batch in which nothing is present have no shape; they get the usual one.

        Of a modality that no sample has, there is none.
        """
        shapeless = isinstance(values, np.ndarray) and values.ndim == 1
        if shapeless and modality in self.fillers:
            return rows_of(self.fillers[modality], np.zeros(len(values), np.int64))
        return values


@dataclass(frozen=True)
class FilledTwoStage:
    """A model with two stages whose absent features are those of the fillers, encoded once."""

    one: Filled
    inner: TwoStage
    encoded: Mapping[str, Scores]
    accepts_missing: bool = True

    def share(self, first: int, k: int) -> "FilledTwoStage":
        """The same with some of the fillers of each sample."""
        return replace(self, one=self.one.share(first, k))

    @property
    def modalities(self) -> tuple[str, ...]:
        """The model's own."""
        return self.one.modalities

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The model's own."""
        return self.one.classes

    @property
    def output(self) -> Output:
        """The model's own."""
        return self.one.output

    def scores(self, batch: Batch, present: Present) -> Scores:
        """Answers, where ``present`` decides what is filled."""
        length(batch)
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)

    def encode(self, modality: str, values: Values) -> Scores:
        """Encode the values as they are; what is absent is replaced by `fuse`."""
        return self.inner.encode(modality, self.shaped(modality, values))

    def stand_ins(self, modality: str) -> Values | None:
        """The encoded fillers of a modality; None where the mask goes through."""
        own = self.encoded.get(modality)
        return None if own is None else self.one.some(own)

    def shaped(self, modality: str, values: Values) -> Values:
        """Values of the usual shape where nothing of a batch is present."""
        return self.one.shaped(modality, values)

    def fuse(self, features: Mapping[str, Scores], present: Present) -> Scores:
        """Answers from the features, with those of absent modalities filled."""
        return self.several(features, [present])[0]

    def several(
        self,
        features: Mapping[str, Scores],
        presents: Sequence[Present],
        words: Words | None = None,
    ) -> list[Scores]:
        """Answers from the same features with several masks, as of `Filled`."""
        if self.one.passes:
            return [self.inner.fuse(features, present) for present in presents]
        return self.one.averaged(self.inner.fuse, features, self.encoded, presents, words)


def two_stages(one: Filled, inner: TwoStage) -> FilledTwoStage:
    """A filled model in two stages, whose fillers are encoded now, once for all its shares."""
    fillers = {} if one.passes else one.fillers
    return FilledTwoStage(one, inner, {m: _encoded(inner, m, v) for m, v in fillers.items()})


def _encoded(inner: TwoStage, modality: str, values: Values) -> Scores:
    starts = range(0, len(values), TOGETHER)
    pieces = [inner.encode(modality, values[start : start + TOGETHER]) for start in starts]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
