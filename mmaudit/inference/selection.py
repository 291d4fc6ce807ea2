"""Selection: which candidates stand in for absent values, and what they weigh."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mmaudit.errors import InputError
from mmaudit.samples.memory import size


@dataclass(slots=True)
class _Listed:
    """Candidates that have a modality in their order, and the bytes of the first of them."""

    places: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=lambda: [0])

    def __len__(self) -> int:
        return len(self.places)

    def add(self, place: int, weight: int) -> None:
        """One more."""
        self.places.append(place)
        self.bytes.append(self.bytes[-1] + weight)

    def takes(self, count: int) -> int:
        """Bytes of the first of them."""
        return self.bytes[min(count, len(self))]


class Selection:
    """Candidates that were taken so far, those that have every modality before the others."""

    def __init__(
        self, modalities: tuple[str, ...], most: int, stay: int, room: int | None = None
    ) -> None:
        """Take nothing yet.

        Args:
            modalities: The modalities.
            most: How many are wanted of each.
            stay: How many of them are held later.
            room: Bytes after which no more are looked for, once so many are there; None for all.
        """
        self.modalities, self.most, self.stay, self.room = modalities, most, stay, room
        self._whole = {m: _Listed() for m in modalities}
        self._partly = {m: _Listed() for m in modalities}

    def add(self, place: int, weights: Sequence[int | None]) -> None:
        """One more candidate, and the bytes of its modalities, None where it lacks one."""
        into = self._partly if None in weights else self._whole
        for m, weight in zip(self.modalities, weights, strict=True):
            if weight is not None and len(into[m]) < self.most:
                into[m].add(place, weight)

    def places(self, modality: str, count: int) -> list[int]:
        """The first of a modality."""
        return (self._whole[modality].places + self._partly[modality].places)[:count]

    def many(self, modality: str) -> int:
        """How many of a modality there are."""
        return min(len(self._whole[modality]) + len(self._partly[modality]), self.most)

    def lacks(self, modality: str) -> bool:
        """Whether there are too few of a modality."""
        return self.many(modality) < self.most

    @property
    def few(self) -> int:
        """How many there are of the modality that the fewest have."""
        return min(map(self.many, self.modalities), default=0)

    @property
    def complete(self) -> bool:
        """Whether so many candidates that have everything were found."""
        return all(len(listed) >= self.most for listed in self._whole.values())

    @property
    def full(self) -> bool:
        """Whether enough are there, and take more bytes than are wanted."""
        return self.room is not None and self.few >= self.stay and self.takes(self.most) > self.room

    def takes(self, count: int) -> int:
        """Bytes of the first of every modality, when they are decoded."""
        whole = sum(listed.takes(count) for listed in self._whole.values())
        pairs = ((listed, len(self._whole[m])) for m, listed in self._partly.items())
        return whole + sum(listed.takes(max(0, count - before)) for listed, before in pairs)

    def check(self, count: int, most: int, where: str) -> None:
        """Refuse what does not leave room for the samples themselves.

        Args:
            count: How many of each modality are held.
            most: Bytes that they may take.
            where: The dataset.

        Raises:
            InputError: They take more.
        """
        takes = self.takes(count)
        if takes > most:
            there = max(min(count, self.many(m)) for m in self.modalities)
            fewer = ", or fewer of them, as --absent marginal:8" if count <= self.stay else ""
            raise InputError(
                f"{there} of the {count} samples that stand in for absent values take "
                f"{size(takes)} when they are decoded, and a worker has {size(most)} of "
                "--memory for them, half of its own",
                where=where,
                fix=f"--memory of {size(2 * takes)} or more for each of the --workers{fewer}",
            )
