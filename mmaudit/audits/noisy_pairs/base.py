"""What embeds the sides of pairs is asked in one way, whatever it is."""

from collections.abc import Sequence
from typing import Any, Protocol

from mmaudit.arrays import Vectors


class SideEncoder(Protocol):
    """What makes vectors of the sides of pairs."""

    @property
    def shared(self) -> bool | None:
        """Whether both sides are in one space; None where nobody said."""
        ...

    @property
    def origin(self) -> dict[str, str]:
        """What the vectors are of, for provenance."""
        ...

    @property
    def distinct(self) -> bool:
        """Whether values that stand in many rows are worth telling, to be embedded once."""
        ...

    def parts(self, names: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """Both modalities, those together that it embeds together."""
        ...

    def ready(self, name: str, values: Any) -> Any:
        """What can be done of values of a modality while others are embedded."""
        ...

    def encode(
        self, part: tuple[str, ...], values: tuple[Any, ...], ids: Sequence[str]
    ) -> tuple[Vectors, ...]:
        """Vectors of each modality of one of its parts, ``(n, d)``.

        Args:
            part: The modalities.
            values: Of each, ``n``, as `ready` left them.
            ids: What the samples are called in errors.

        Raises:
            InputError: A model answers with another shape, or with what is not finite.
        """
        ...

    def joined(
        self, names: tuple[str, str], sides: tuple[Vectors, Vectors], ids: Sequence[str]
    ) -> tuple[Vectors, Vectors]:
        """Both sides of ``n`` pairs, ``(n, d)`` and ``(n, e)``, of what `encode` made of each.

        Raises:
            InputError: As of `encode`.
        """
        ...
