"""Origin: the columns of a source that a modality is made of, for whoever takes them by name."""

from dataclasses import dataclass

from mmaudit.samples.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the values of one modality come from.

    Attributes:
        modality: Its name.
        kind: Its kind.
        columns: Its columns in the order of a value; of alternatives, ``a|b``, all in one name.
        categorical: Those that are categories; the others of a table are numbers.
    """

    modality: str
    kind: str
    columns: tuple[str, ...]
    categorical: frozenset[str]


def origins(dataset: Dataset) -> tuple[Origin, ...]:
    """The origin of each modality, in the manifest's order."""
    entries = dataset.manifest.modalities.items()
    return tuple(
        Origin(m, e.kind, tuple(e.columns or (e.column or m,)), frozenset(e.categorical))
        for m, e in entries
    )
