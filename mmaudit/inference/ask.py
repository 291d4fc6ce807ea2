"""Asking a model about the samples of a unit with only some modalities there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.inference.absence import Filled, FilledTwoStage, Several, asker, parse, with_absence
from mmaudit.inference.check import TOLERANCE, check_answers
from mmaudit.inference.fillers import enough
from mmaudit.measures.balance.beliefs import sound
from mmaudit.models.base import Model, Present, TwoStage, Values
from mmaudit.models.load import Loaded
from mmaudit.samples.decode import Samples, stack

There = NDArray[np.bool_]  # (sample, modality), modalities in the model's order
SHARES = 4  # donors are split into so many shares, whose spread is the Monte-Carlo error


def shares(loaded: Loaded, policy: str, donors: Mapping[str, Values]) -> tuple[Model, ...]:
    """The model under one policy; with donors, once for each share of the donors.

    The mean over the shares is the answer with all donors, for the same number of forward passes,
    and how far the shares lie apart says how much the choice of donors matters.
    """
    name, count = parse(policy)
    if name != "marginal" or count % SHARES:
        return (with_absence(loaded, policy, donors),)
    for m in loaded.info.modalities:
        enough(donors[m], m, count)
    each = count // SHARES
    cuts = [{m: d[s * each : (s + 1) * each] for m, d in donors.items()} for s in range(SHARES)]
    return tuple(with_absence(loaded, f"marginal:{each}", cut) for cut in cuts)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some samples of a unit, ready to be asked about.

    Attributes:
        rows: Which.
        values: Their values, or features of a model in two stages, by modality.
        here: Which of them have each modality, ``(n,)`` each.
        nobody: No, for each of them, ``(n,)``.
    """

    rows: slice
    values: dict[str, Any]
    here: dict[str, NDArray[np.bool_]]
    nobody: NDArray[np.bool_]

    def __len__(self) -> int:
        return self.nobody.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A model under one absence policy, and the samples of one unit.

    A model in two stages encodes each modality once; asking then costs one fusion.

    Attributes:
        models: The model with the policy around it, from `shares`.
        loaded: The model, for what it says of itself.
        samples: The decoded samples.
        kinds: Kind of each of the model's modalities.
        batch_size: Samples a forward pass; batches never cross units.
    """

    models: tuple[Model, ...]
    loaded: Loaded
    samples: Samples
    kinds: Mapping[str, str]
    batch_size: int
    _batches: list[_Batch] = field(default_factory=list)
    _asks: list[Several] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Stack each batch once, and encode it where the model can."""
        self._asks.extend(asker(model)[0] for model in self.models)
        n = len(self.samples)
        for start in range(0, n, self.batch_size):
            rows = slice(start, min(start + self.batch_size, n))
            batch = {m: stack(self.samples.values[m][rows], kind) for m, kind in self.kinds.items()}
            model = self.models[0]
            if isinstance(model, TwoStage):
                batch = {m: model.encode(m, values) for m, values in batch.items()}
            here = {m: self.samples.present[m][rows] for m in self.kinds}
            self._batches.append(_Batch(rows, batch, here, np.zeros(rows.stop - start, bool)))

    @property
    def passes(self) -> int:
        """How often the model is asked for one answer of a share."""
        return asker(self.models[0])[1]

    @property
    def present(self) -> There:
        """Which modalities each sample has; each column lies in one piece, as models get it."""
        columns = [self.samples.present[m] for m in self.kinds]
        return np.array(columns, bool).reshape(len(columns), len(self.samples)).T

    def answers(self, there: There) -> list[NDArray[np.float32]]:
        """The answers of each share when only these modalities are there, ``(sample, …)``.

        Where nothing is taken away there is nothing to fill, and one share answers for all.
        """
        asks = self._asks[:1] if there.all() else self._asks
        masks = [[{m: there[b.rows, i] for i, m in enumerate(self.kinds)}] for b in self._batches]
        return [self._checked(told[0]) for told in self._told(asks, masks, 1)]

    def coalitions(self, rows: Sequence[Sequence[bool]]) -> list[list[NDArray[np.float32]]]:
        """The answers of each share when everyone has no more than some modalities.

        All are asked before the first is looked at: after a pass of the model whatever else is
        done is slow at first, and so it is done for many in a row.

        Args:
            rows: Which modalities each coalition has, in the model's order; none has all.
        """
        masks = [
            [
                {m: b.here[m] if on else b.nobody for m, on in zip(self.kinds, row, strict=True)}
                for row in rows
            ]
            for b in self._batches
        ]
        told = self._told(self._asks, masks, len(rows))
        return [[self._checked(share[j]) for share in told] for j in range(len(rows))]

    def _told(
        self, asks: Sequence[Several], masks: Sequence[Sequence[Present]], count: int
    ) -> list[list[list[Any]]]:
        """The answers to some masks of each batch, ``[ask][mask][batch]``."""
        told: list[list[list[Any]]] = [[[] for _ in range(count)] for _ in asks]
        for ask, into in zip(asks, told, strict=True):
            for batch, each in zip(self._batches, masks, strict=True):
                for pieces, answer in zip(into, ask(batch.values, each), strict=True):
                    pieces.append(answer)
        return told

    def _checked(self, pieces: list[Any]) -> NDArray[np.float32]:
        """The answers to all batches as one; plain sound probabilities need no second look."""
        if not pieces:
            return np.zeros((0, 2), np.float32)
        if all(map(self._plain, pieces, self._batches)):
            joined = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            if sound(joined, TOLERANCE):
                return joined
        told = zip(pieces, self._batches, strict=True)
        return np.concatenate([check_answers(p, len(b), self.loaded.info) for p, b in told])

    def _plain(self, scores: Any, batch: _Batch) -> bool:
        """Whether these are probabilities in the form that `check_answers` gives."""
        info = self.loaded.info
        return (
            info.output == "probabilities"
            and isinstance(scores, np.ndarray)
            and scores.dtype == np.float32
            and scores.shape == (len(batch), len(info.classes or ()))
        )

    def lengths(self) -> NDArray[np.float64] | None:
        """Length of each encoded modality, ``(sample, modality)``; None without two stages."""
        if not isinstance(self.models[0], TwoStage):
            return None
        out = np.full((len(self.samples), len(self.kinds)), np.nan)
        for batch in self._batches:
            for i, m in enumerate(self.kinds):
                wide = np.asarray(batch.values[m], np.float64).reshape(len(batch), -1)
                out[batch.rows, i] = np.sqrt((wide * wide).sum(axis=1))
        out[~self.present] = np.nan
        return out

    def weights(self) -> NDArray[np.float64] | None:
        """Fusion weights of a model that has them, on the samples as they are.

        Returns:
            ``(sample, modality)``; NaN where the model does not take what is absent, and something
            is. None for a model without weights.

        Raises:
            InputError: Their shape is another one, or one is not finite.
        """
        info, ask = self.loaded.info, getattr(self.loaded.model, "weights", None)
        if not callable(ask):
            return None
        present = self.present
        out = np.full(present.shape, np.nan)
        known = np.flatnonzero(present.all(axis=1) | info.accepts_missing)
        for start in range(0, known.size, self.batch_size):
            rows = known[start : start + self.batch_size]
            there = {m: present[rows, i] for i, m in enumerate(self.kinds)}
            told = np.asarray(ask(self._values(rows), there), np.float64)
            if told.shape != (rows.size, len(self.kinds)) or not np.isfinite(told).all():
                raise InputError(
                    f"the model gave weights of shape {told.shape}, or not finite",
                    where=info.spec,
                    fix=f"weights(batch, present) of shape (n, {len(self.kinds)})",
                )
            out[rows] = told
        return out

    def _values(self, rows: NDArray[np.int64]) -> dict[str, Values]:
        """Values of some samples, of the usual shape where nothing of a modality is there."""
        model = self.models[0]
        told: dict[str, Values] = {}
        for m, kind in self.kinds.items():
            told[m] = stack([self.samples.values[m][i] for i in rows], kind)
            if isinstance(model, Filled | FilledTwoStage):
                told[m] = model.shaped(m, told[m])
        return told
