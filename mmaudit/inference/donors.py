"""Donors: values of each modality that stand in where another sample lacks it."""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from mmaudit import seeds
from mmaudit.arrays import Bools, Ints
from mmaudit.inference.candidates import Candidates, Picked
from mmaudit.inference.selection import Selection
from mmaudit.models.base import Values
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget

DONORS = "donors"  # purpose of the random numbers that choose them
SIZE = 1024  # of a pool of donors, which is half as many as samples where these are more
MOST_BYTES = 2**26  # that a pool takes decoded, but for the least, whatever memory there is
HALF = 2  # donors may take one part in so many of the memory of decoded samples
POOL = 4  # candidates for each donor, so that complete samples can go first
LEAST = 16  # candidates that are decoded at a time


class Donors:
    """Values of each modality from the training split, collected once for all policies.

    Samples are taken by permanent random numbers of their ids: the same whatever the order of the
    rows. Samples that have every modality go first, so that donors keep the modalities of one
    sample together wherever the first candidates can give that; a modality that too few of these
    have is looked for in all the others, and one that no training sample has in the other splits.

    Which samples are donors does not depend on the memory.
    """

    def __init__(
        self, whole: Dataset, modalities: tuple[str, ...], seed: int, memory: int | None = None
    ) -> None:
        """Look at nothing yet.

        Args:
            whole: The dataset; donors come from its split ``train``, from all of it without one.
            modalities: The modalities.
            seed: The run's seed.
            memory: Bytes that a worker has for decoded samples: donors may take half of them. None
                for half of what there is.
        """
        self.whole, self.modalities = whole, modalities
        self.memory = budget(None, 1) if memory is None else memory
        self._key = seeds.digest(seed, DONORS)
        self._pool: tuple[int, int, dict[str, Values]] | None = None
        self._lent: set[str] = set()

    @cached_property
    def candidates(self) -> Candidates:
        """The training samples, in the order in which they are looked at."""
        order = self.whole.ranked(np.flatnonzero(self._first), self._key)
        return Candidates(self.whole, self.modalities, order, self.memory, room=self.memory // HALF)

    @property
    def training(self) -> int:
        """How many samples donors come from first."""
        return int(self._first.sum())

    @property
    def training_rows(self) -> Bools:
        """Which samples these are, ``(n,)``."""
        return self._first

    @cached_property
    def split(self) -> str | None:
        """The training split; None where there is none, and all samples are."""
        return self.whole.split_for("train")

    @cached_property
    def _first(self) -> Bools:
        if self.split is None:
            return np.ones(len(self.whole), np.bool_)
        return np.asarray(self.whole.column("split").to_pylist(), object) == self.split

    def count(self, most: int) -> int:
        """How many there are of the modality that the fewest samples have, ``most`` at most.

        Raises:
            InputError: They take more than their part of the memory, or a sample alone does.
        """
        return self._select(most, most, None).few

    def some(self, most: int, stay: int) -> dict[str, Picked]:
        """As many as are wanted and there, decoded when they are asked for.

        Args:
            most: How many are wanted.
            stay: How many of them are held while samples are asked about. The others, as those of
                a mean, go before that, and are not counted.

        Raises:
            InputError: They take more than their part of the memory, or a sample alone does.
        """
        picks = self._select(most, stay, None)
        return {m: self.candidates.values(m, picks.places(m, most)) for m in self.modalities}

    def pool(self, least: int, wanted: int) -> dict[str, Values]:
        """Values that donors of each sample are drawn from: as many as are wanted, there, and fit.

        A few donors that all samples share are noise that more samples do not take away; donors
        that each sample draws from a pool are noise of the sample. A pool of heavy values is
        smaller, whatever memory there is, so that no number depends on that.

        Args:
            least: How many a sample needs; fewer come back where there are fewer.
            wanted: How many are wanted; `SIZE` are at least.

        Raises:
            InputError: They take more than their part of the memory, or a sample alone does.
        """
        if self._pool is None or self._pool[:2] != (least, wanted):
            self._pool = None
            count = max(SIZE, least, wanted)
            picks = self._select(count, least, MOST_BYTES)
            while count > least and picks.takes(count) > MOST_BYTES:
                count = max(least, count // 2)
            count = max(min(count, picks.few), least)
            picks.check(count, self.memory // HALF, self.whole.manifest.at)
            picked = ((m, picks.places(m, count)) for m in self.modalities)
            self._pool = (
                least,
                wanted,
                {m: self.candidates.values(m, some).together() for m, some in picked},
            )
        return self._pool[2]

    def release(self) -> None:
        """Hold no values any more, but for the pool."""
        self.candidates.release()

    def notes(self) -> tuple[str, ...]:
        """What is to be said of donors that are no training samples, a sentence a modality."""
        return tuple(
            f"{m} is in 0 of {self.training:,} samples of the split {self.split}: what stands in "
            "for it comes from the other splits"
            for m in self.modalities
            if m in self._lent
        )

    def _select(self, most: int, stay: int, room: int | None) -> Selection:
        picks, training = Selection(self.modalities, most, stay, room), self.training
        self._take(picks, range(min(POOL * most, training)))
        self._search(picks, self.modalities, np.arange(min(POOL * most, training), training))
        lacking = tuple(m for m in self.modalities if not picks.many(m))
        if lacking and training < len(self.whole):
            if self.candidates.order.size == training:
                others = self.whole.ranked(np.flatnonzero(~self._first), self._key)
                self.candidates.order = np.concatenate([self.candidates.order, others])
            self._search(picks, lacking, np.arange(training, len(self.whole)))
            self._lent.update(m for m in lacking if picks.many(m))
        return picks

    def _search(self, picks: Selection, modalities: tuple[str, ...], places: Ints) -> None:
        """Look for modalities that were found too seldom; only samples that have one are decoded.

        Each look is at twice as many samples as the one before: what was rare among the first stays
        so, and what is never there is known after a few looks.
        """
        unseen = np.ones(len(self.whole), np.bool_)
        for m in modalities:
            start, step = 0, POOL * picks.most
            while picks.lacks(m) and not picks.full and start < places.size:
                some = places[start : start + step]
                has = some[self.candidates.having(m, some) & unseen[some]]
                self._take(picks, has, () if modalities == self.modalities else modalities)
                unseen[has] = False
                start, step = start + step, 2 * step

    def _take(
        self, picks: Selection, places: Sequence[int] | Ints, alone: tuple[str, ...] = ()
    ) -> None:
        """Take some in turn until there are enough; of those beside the training split few."""
        for place, weights in self.candidates.walk(places, partial(self._ahead, picks)):
            pairs = zip(self.modalities, weights, strict=True)
            picks.add(place, [None if alone and m not in alone else w for m, w in pairs])
            picks.check(picks.stay, self.memory // HALF, self.whole.manifest.at)
            if picks.full or picks.complete:
                break

    def _ahead(self, picks: Selection) -> int:
        """How many are decoded together: no more than are likely to be taken, where few fit."""
        typical = self.candidates.typical
        if picks.room is None:
            return picks.most
        if not typical:
            return LEAST
        likely = (picks.room - picks.takes(picks.most)) // typical + 1
        return min(max(LEAST, likely), picks.most)
