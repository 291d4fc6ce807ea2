"""Asking a model: batches of a unit, each modality encoded once, every share of the donors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints, Mask, Scores, Words
from mmaudit.inference import culprit
from mmaudit.inference.absence import Several, asker, by_words, shaped
from mmaudit.inference.base import Asking, Changed
from mmaudit.inference.check import check_answers
from mmaudit.inference.fusion import Batches, fusion_evidence, fusion_weights
from mmaudit.inference.precision import TOLERANCE
from mmaudit.inference.runs_of_donors import words_of
from mmaudit.measures.balance.beliefs import sound
from mmaudit.models.base import Model, ModelInfo, Present, TwoStage, Values
from mmaudit.samples.decode import stack


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some samples of a unit.

    Attributes:
        rows: Which.
        here: Which of them have each modality, ``(n,)`` each.
        nobody: No, for each of them, ``(n,)``.
        words: Random number of each, by which it has donors of its own, ``(n,)``.
        values: Their own values, or features of a model in two stages, as far as they are held.
    """

    rows: slice
    here: dict[str, Bools]
    nobody: Bools
    words: Words | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.nobody.size


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsking(Asking):
    """A model under one absence policy, and the samples of one unit.

    A model in two stages encodes each modality of the samples once, when it is first asked about
    it; every further question costs one fusion, and the encoding of what a condition changed.

    Attributes:
        models: The model with the policy around it, once for each share of the donors.
        batch_size: Samples a forward pass; batches never cross units.
        seed: Seed of the donors of each sample, or group of samples; None where all have the same.
    """

    models: tuple[Model, ...]
    batch_size: int
    seed: int | None = None
    _batches: list[_Batch] = field(default_factory=list)
    _asks: list[Several] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Cut the samples into batches."""
        self._asks.extend(asker(model)[0] for model in self.models)
        n, words = len(self.samples), self._words()
        for start in range(0, n, self.batch_size):
            rows = slice(start, min(start + self.batch_size, n))
            here = {m: self.samples.present[m][rows] for m in self.kinds}
            self._batches.append(
                _Batch(
                    rows,
                    here,
                    np.zeros(rows.stop - start, bool),
                    None if words is None else words[rows],
                )
            )

    def _words(self) -> Words | None:
        if self.seed is None or not any(map(by_words, self.models)):
            return None
        groups = self.samples.groups
        return words_of(self.seed, self.samples.ids if groups is None else groups.tolist())

    @property
    def shares(self) -> int:
        """How many shares of the donors there are."""
        return len(self.models)

    @property
    def passes(self) -> int:
        """How often the model is asked for one answer of a share."""
        return asker(self.models[0])[1]

    def under(self, condition: str, present: Present, changed: Changed) -> list[Scores]:
        """The answers under one condition; batch by batch, so that one is stacked at a time.

        Stacked values are made anew for each condition: two copies of a unit are held already,
        the samples and what the condition changed. Features are small, and are held.
        """
        del condition
        questions = (
            (self._with(batch, changed), [{m: present[m][batch.rows] for m in self.kinds}])
            for batch in self._batches
        )
        return [self._checked(share[0]) for share in self._pieces(self._asks, questions, 1)]

    def answers(self, there: Mask) -> list[Scores]:
        """The answers when only these modalities are there.

        Where nothing is taken away there is nothing to fill, and one share answers for all.
        """
        asks = self._asks[:1] if there.all() else self._asks
        questions = (
            (self._own(b), [{m: there[b.rows, i] for i, m in enumerate(self.kinds)}])
            for b in self._batches
        )
        return [self._checked(share[0]) for share in self._pieces(asks, questions, 1)]

    def coalitions(self, rows: Sequence[Sequence[bool]]) -> list[list[Scores]]:
        """The answers when everyone has no more than some modalities, by coalition.

        All are asked before the first is looked at: after a pass of the model whatever else is
        done is slow at first, and so it is done for many in a row.
        """
        questions = (
            (
                self._own(b),
                [
                    {
                        m: b.here[m] if on else b.nobody
                        for m, on in zip(self.kinds, row, strict=True)
                    }
                    for row in rows
                ],
            )
            for b in self._batches
        )
        shares = self._pieces(self._asks, questions, len(rows))
        return [[self._checked(share[j]) for share in shares] for j in range(len(rows))]

    def lengths(self) -> Floats | None:
        """Length of each encoded modality, ``(sample, modality)``; None without two stages."""
        if not isinstance(self.models[0], TwoStage):
            return None
        out = np.full((len(self.samples), len(self.kinds)), np.nan)
        for batch in self._batches:
            for i, features in enumerate(self._own(batch).values()):
                wide = np.asarray(features, np.float64).reshape(len(batch), -1)
                out[batch.rows, i] = np.sqrt((wide * wide).sum(axis=1))
        out[~self.present] = np.nan
        return out

    def weights(self) -> Floats | None:
        """Fusion weights of a model that has them, on the samples as they are.

        Returns:
            ``(sample, modality)``; NaN where the model does not take what is absent, and something
            is. None for a model without weights.
        """
        ask = getattr(self.loaded.model, "weights", None)
        if not callable(ask):
            return None
        return fusion_weights(ask, self._accepted(), self.present, self.loaded.info.spec)

    def evidence(self) -> Floats | None:
        """Evidence of a model that has it, on the samples as they are.

        Returns:
            Of each modality for each class, ``(sample, modality, class)``; NaN where the modality
            is absent, or the model does not take what is. None for a model without evidence.
        """
        info, ask = self.loaded.info, getattr(self.loaded.model, "evidence", None)
        if not callable(ask):
            return None
        columns = {m: self.samples.present[m] for m in self.kinds}
        return fusion_evidence(ask, self._accepted(), columns, len(info.classes or ()), info.spec)

    def _accepted(self) -> Batches:
        """Batches of the samples that the model takes as they are."""
        present = self.present
        rows = np.flatnonzero(present.all(axis=1) | self.loaded.info.accepts_missing)
        for start in range(0, rows.size, self.batch_size):
            some = rows[start : start + self.batch_size]
            there = {m: present[some, i] for i, m in enumerate(self.kinds)}
            yield some, self._rows(some), there

    def _own(self, batch: _Batch) -> dict[str, Any]:
        """The samples' own values, as the model takes them."""
        return {m: self._held(m, batch) for m in self.kinds}

    def _with(self, batch: _Batch, changed: Changed) -> dict[str, Any]:
        """The values of a batch under a condition, as the model takes them."""
        staged = isinstance(self.models[0], TwoStage)
        return {
            m: self._held(m, batch)
            if staged and m not in changed
            else self._taken(m, changed.get(m, self.samples.values[m]), batch.rows)
            for m in self.kinds
        }

    def _held(self, modality: str, batch: _Batch) -> Any:
        """The samples' own values of one modality, held for the next question."""
        if modality not in batch.values:
            column = self.samples.values[modality]
            batch.values[modality] = self._taken(modality, column, batch.rows)
        return batch.values[modality]

    def _taken(self, modality: str, column: list[Any], rows: slice) -> Any:
        """Values of one modality, stacked, and encoded where the model can."""
        values = stack(column[rows], self.kinds[modality])
        model = self.models[0]
        if not isinstance(model, TwoStage):
            return values
        encode = partial(model.encode, modality)
        with culprit.named(self.samples.ids[rows], lambda row: encode(values[row : row + 1])):
            return encode(values)

    def _rows(self, rows: Ints) -> dict[str, Values]:
        """Values of some samples, of the usual shape where nothing of a modality is there."""
        stacks = {
            m: stack([self.samples.values[m][i] for i in rows], kind)
            for m, kind in self.kinds.items()
        }
        return {m: shaped(self.models[0], m, values) for m, values in stacks.items()}

    def _pieces(
        self,
        asks: Sequence[Several],
        questions: Iterable[tuple[Mapping[str, Any], Sequence[Present]]],
        count: int,
    ) -> list[list[list[Any]]]:
        """The answers to some masks of each batch, ``[ask][mask][batch]``."""
        pieces: list[list[list[Any]]] = [[[] for _ in range(count)] for _ in asks]
        for number, (values, masks) in enumerate(questions):
            for ask, into in zip(asks, pieces, strict=True):
                batch = self._batches[number]
                ids, words = self.samples.ids[batch.rows], batch.words
                with culprit.named(ids, partial(self._alone, ask, values, masks, words)):
                    several = ask(values, masks, words)
                for answers, answer in zip(into, several, strict=True):
                    answers.append(answer)
        return pieces

    def _alone(
        self,
        ask: Several,
        values: Mapping[str, Any],
        masks: Sequence[Present],
        words: Words | None,
        row: int,
    ) -> object:
        """The same question about one sample of a batch."""
        one = slice(row, row + 1)
        own = {m: v[one] for m, v in values.items()}
        some = [{m: p[one] for m, p in mask.items()} for mask in masks]
        return ask(own, some, None if words is None else words[one])

    def _checked(self, pieces: list[Any]) -> Scores:
        """The answers to all batches as one; plain sound probabilities need no second look."""
        info = self.loaded.info
        if not pieces:
            return np.zeros((0, 2), np.float32)
        if all(
            _plain(scores, len(b), info) for scores, b in zip(pieces, self._batches, strict=True)
        ):
            joined = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            if sound(joined, TOLERANCE):
                return joined
        pairs = zip(pieces, self._batches, strict=True)
        ids = self.samples.ids
        checked = [check_answers(scores, len(b), info, ids[b.rows]) for scores, b in pairs]
        return np.concatenate(checked)


def _plain(scores: Any, n: int, info: ModelInfo) -> bool:
    """Whether these are probabilities in the form that `check_answers` gives."""
    return (
        info.output == "probabilities"
        and isinstance(scores, np.ndarray)
        and scores.dtype == np.float32
        and scores.shape == (n, len(info.classes or ()))
    )
