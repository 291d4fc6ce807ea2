"""Candidates: samples that may stand in for others, in order, decoded once as long as they fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.models.base import Values
from mmaudit.models.batches import stacked
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column, decode
from mmaudit.samples.memory import spans, taken


@dataclass(slots=True, eq=False)
class Candidates:
    """Samples in an order, and what was seen of them.

    What each one weighs is held for good. Values are held while they fit into the room, and are
    decoded again where they did not and are asked for.

    Attributes:
        dataset: The samples.
        modalities: The modalities.
        order: Positions of the samples; a candidate is called by its place in here.
        memory: Bytes that samples may take while they are decoded.
        room: Bytes of values that are held.
    """

    dataset: Dataset
    modalities: tuple[str, ...]
    order: Ints
    memory: int
    room: int
    held: int = 0
    _weights: dict[int, tuple[int | None, ...]] = field(default_factory=dict)
    _values: dict[int, tuple[object, ...]] = field(default_factory=dict)
    _there: dict[str, NDArray[np.int8]] = field(default_factory=dict)  # by position; -1: new

    def walk(
        self, places: Sequence[int] | Ints, ahead: Callable[[], int]
    ) -> Iterator[tuple[int, tuple[int | None, ...]]]:
        """Look at some in turn.

        Args:
            places: Which.
            ahead: How many may be decoded together, asked whenever one is new.

        Yields:
            Each, and the bytes of its modalities when they are decoded, None where it lacks one or
            cannot be decoded.
        """
        pending: Iterator[Ints] = iter(())
        for i, place in enumerate(places):
            while int(place) not in self._weights:
                at = next(pending, None)
                if at is None:
                    some = [int(p) for p in places[i : i + max(1, ahead())]]
                    unseen = np.array([p for p in some if p not in self._weights], np.int64)
                    pending = self._pieces(unseen)
                else:
                    self._look(at)
            yield int(place), self._weights[int(place)]

    def having(self, modality: str, places: Ints) -> Bools:
        """Whether some have a modality, told without decoding, ``(n,)``."""
        there = self._there.setdefault(modality, np.full(len(self.dataset), -1, np.int8))
        positions = self.order[places]
        unknown = np.sort(positions[there[positions] < 0])
        if unknown.size:
            there[unknown] = self.dataset.cells(modality, unknown).is_valid()
        return there[positions] == 1

    def values(self, modality: str, places: Sequence[int]) -> "Picked":
        """Values of some that have a modality; what is not held is decoded when it is asked for."""
        return Picked(self, modality, places)

    def release(self) -> None:
        """Hold no values any more."""
        self._values.clear()
        self.held = 0

    @property
    def typical(self) -> int:
        """Bytes of one that was looked at, about; 0 where none was."""
        every = (sum(w or 0 for w in weights) for weights in self._weights.values())
        return -(-sum(every) // max(1, len(self._weights)))

    def decoded(self, modality: str, places: Sequence[int]) -> Iterator[object]:
        """Values of some in turn, no more in memory than one piece beside what is held."""
        m = self.modalities.index(modality)
        lacking = np.array([p for p in places if p not in self._values], np.int64)
        again = self._again(modality, lacking)
        for place in places:
            yield self._values[place][m] if place in self._values else next(again)

    def _again(self, modality: str, places: Ints) -> Iterator[object]:
        kind, shape = self.dataset.kinds[modality], self.dataset.shape(modality)
        for at in self._pieces(places) if places.size else ():
            cells = self.dataset.cells(modality, self.order[at])
            yield from column(cells, kind, shape)[0]

    def _pieces(self, places: Ints) -> Iterator[Ints]:
        """Some, as many at a time as may be decoded."""
        start = 0
        for at in spans(self.dataset, self.order[places], self.memory):
            yield places[start : start + at.size]
            start += at.size

    def _look(self, places: Ints) -> None:
        positions = np.sort(self.order[places])
        place_of = dict(zip(self.order[places].tolist(), places.tolist(), strict=True))
        batch = self.dataset.read(positions)
        ids, samples = batch.column("id").to_pylist(), decode(self.dataset, batch)
        skipped = {one.id for one in samples.skipped}
        usable = [p for p, name in zip(positions.tolist(), ids, strict=True) if name not in skipped]
        nothing = (None,) * len(self.modalities)
        self._weights.update(dict.fromkeys(places.tolist(), nothing))
        for i, position in enumerate(usable):
            values = tuple(samples.values[m][i] for m in self.modalities)
            weights = tuple(None if v is None else taken(v) for v in values)
            self._weights[place_of[position]] = weights
            if self.held + sum(w or 0 for w in weights) <= self.room:
                self._values[place_of[position]] = values
                self.held += sum(w or 0 for w in weights)


@dataclass(frozen=True, slots=True, eq=False)
class Picked(Sequence[object]):
    """Values of one modality of some candidates; gone through in turn, few are in memory."""

    candidates: Candidates
    modality: str
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[object]:
        return self.candidates.decoded(self.modality, self.places)

    @overload
    def __getitem__(self, i: int) -> object: ...
    @overload
    def __getitem__(self, i: slice) -> "Picked": ...
    def __getitem__(self, i: int | slice) -> "object | Picked":
        """One value, or some that are not decoded yet."""
        if isinstance(i, slice):
            return Picked(self.candidates, self.modality, self.places[i])
        return next(self.candidates.decoded(self.modality, [self.places[i]]))

    def together(self) -> Values:
        """All of them, as one array where their shapes agree."""
        return stacked(list(self))
