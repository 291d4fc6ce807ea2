"""Redundancies: how much each modality tells of the label, and how much of it others tell too."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from mmaudit.audits.inspect.cells import Cells, row
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.learning.features import FeatureReader
from mmaudit.audits.inspect.learning.labels import Labels
from mmaudit.formats import number
from mmaudit.measures.balance.redundancy import Redundancy, redundancies

MOST, FEWEST = 1_000, 100  # samples that small models learn from
NAMED = 4  # modalities that a sentence names
ENDS = ("", "_low", "_high")
SCHEMA = pa.schema(
    [
        pa.field("modality", pa.string(), nullable=False),
        pa.field("samples", pa.int64(), nullable=False),
        *(
            pa.field(f"{name}{end}", pa.float64(), nullable=False)
            for name in ("alone", "rest", "both", "redundant")
            for end in ENDS
        ),
        pa.field("informative", pa.bool_(), nullable=False),
    ]
)


def told_of_the_label(
    contents: Contents, labels: Labels | None, features: FeatureReader
) -> Mapping[str, Redundancy]:
    """What each modality tells of the label, of samples that have all of them; empty where few do.

    Args:
        contents: What the units wrote.
        labels: What was learnt of the labels; None where nothing could be.
        features: Reads plain features of the samples.
    """
    if labels is None:
        return {}
    every = {m: features.of(m, labels.positions) for m in contents.dataset.modalities}
    of = {m: f for m, f in every.items() if f is not None}
    if len(of) < 2:
        return {}
    whole = np.flatnonzero(np.all([f.there for f in of.values()], axis=0))[:MOST]
    classes, numbers = np.unique(labels.labels[whole], return_inverse=True)
    if whole.size < FEWEST or classes.size < 2:
        return {}
    groups = None if contents.groups is None else contents.groups[labels.positions[whole]]
    rows = {m: f.rows[whole] for m, f in of.items()}
    return redundancies(rows, numbers.reshape(-1), classes.size, groups)


def rows(of: Mapping[str, Redundancy]) -> Iterator[Cells]:
    """The rows of the summary: what each tells and all tell, and what is told twice."""
    for modality, one in of.items():
        yield from row("label_information", one.alone, modality=modality)
        if one.informative:
            yield from row("label_redundancy", one.redundant, modality=modality)
    for one in [*of.values()][:1]:
        yield from row("label_information", one.both)


def notes(of: Mapping[str, Redundancy], features: str) -> Iterator[str]:
    """What is told twice, and of what that cannot be told.

    Args:
        of: What each modality tells.
        features: What was learnt from, for a person.
    """
    twice = {m: one for m, one in of.items() if one.informative and one.redundant.low > 0}
    if twice:
        some = sorted(twice, key=lambda m: (-twice[m].redundant.value, m))
        named = "; ".join(_said(m, twice[m]) for m in some[:NAMED])
        more = f"; and of {len(some) - NAMED} others" if len(some) > NAMED else ""
        yield (
            f"modalities repeat each other: of what small models of {features} tell of the label, "
            f"the other modalities tell too {named}{more}."
        )
    silent = [m for m, one in of.items() if one.alone.low <= 0]
    if silent:
        named = ", ".join(silent[:NAMED]) + (", and others" if len(silent) > NAMED else "")
        yield (
            f"how much of {named} the other modalities repeat cannot be told: small models of "
            f"{features} learn nothing of the label there."
        )


def _said(modality: str, one: Redundancy) -> str:
    return f"{number(one.redundant.value)} of the {number(one.alone.value)} bits of {modality}"


def table(of: Mapping[str, Redundancy]) -> pa.Table:
    """A row a modality, what is told twice most first."""
    some = []
    for modality, one in sorted(of.items(), key=lambda m: (-m[1].redundant.value, m[0])):
        cells = {"modality": modality, "samples": one.alone.n, "informative": one.informative}
        for name in ("alone", "rest", "both", "redundant"):
            estimate = getattr(one, name)
            ends = (estimate.value, estimate.low, estimate.high)
            cells |= {f"{name}{end}": x for end, x in zip(ENDS, ends, strict=True)}
        some.append(cells)
    return pa.Table.from_pylist(some, SCHEMA)
