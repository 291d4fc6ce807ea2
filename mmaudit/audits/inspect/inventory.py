"""Inventory: what is in a dataset, a fact a row."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.unit import ABSENT, FILE, FORM, PRESENT, SIZE, UNREADABLE
from mmaudit.formats import number

SCHEMA = pa.schema([(name, pa.string()) for name in ("of", "fact", "value")])
STATES = {PRESENT: "present", ABSENT: "absent", UNREADABLE: "not read"}
MEASURES = {"size": SIZE, "seconds": "duration"}  # what is said of numbers, and their column
MOST = 8  # forms or classes that are listed by name


def table(contents: Contents) -> pa.Table:
    """Rows, splits, groups, classes, and of each modality its kind, forms and sizes."""
    facts = [*_of_samples(contents), *_of_modalities(contents)]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, f, strict=True)) for f in facts], SCHEMA)


Fact = tuple[str, str, str]


def _of_samples(contents: Contents) -> Iterator[Fact]:
    dataset = contents.dataset
    yield "samples", "rows", f"{len(dataset):,}"
    if dataset.splits:
        yield "samples", "splits", _listed(_counts(contents, "split"))
    if contents.groups is not None:
        sizes = np.bincount(contents.groups)
        yield "samples", "groups", f"{len(sizes):,}, of {sizes.min():,} to {sizes.max():,} samples"
    if contents.labels is not None:
        yield "samples", "classes", _listed(_counts(contents, "label"))


def _of_modalities(contents: Contents) -> Iterator[Fact]:
    reasons: dict[str, Counter[str]] = {}
    for lost in contents.unreadable():
        reasons.setdefault(lost.modality, Counter())[lost.reason] += 1
    for modality, kind in contents.dataset.kinds.items():
        yield modality, "kind", kind
        yield modality, "values", _listed(_states(contents, modality))
        if modality in reasons:
            yield modality, "not read because", _listed(reasons[modality])
        for fact, column in (("files", FILE), ("scripts" if kind == "text" else "forms", FORM)):
            counts = _counted(contents, f"{modality}.{column}")
            if counts:
                yield modality, fact, _listed(counts)
        for fact, column in MEASURES.items():
            name = f"{modality}.{column}"
            numbers = contents.numbers(name) if contents.has(name) else np.zeros(0)
            numbers = numbers[np.isfinite(numbers)]
            if numbers.size:
                yield modality, fact, _spread(numbers)


def _counts(contents: Contents, column: str) -> Counter[str]:
    """How often each text of a column is there."""
    names, codes = contents.coded(column)
    counts = np.bincount(codes, minlength=names.size)
    return Counter(dict(zip(names.tolist(), counts.tolist(), strict=True)))


def _states(contents: Contents, modality: str) -> Counter[str]:
    states = contents.states[modality]
    counts = {name: int((states == state).sum()) for state, name in STATES.items()}
    return Counter({name: count for name, count in counts.items() if count})


def _counted(contents: Contents, column: str) -> Counter[str]:
    """How often each text of a column stands in it."""
    counts: Counter[str] = Counter()
    for cells in contents.cells(column) if contents.has(column) else ():
        counts.update(cells.drop_null().to_pylist())
    return counts


def _spread(numbers: Floats) -> str:
    least, middle, most = np.quantile(numbers, [0, 0.5, 1])
    return f"{number(least)} to {number(most)}, median {number(middle)}"


def _listed(counts: Counter[str]) -> str:
    """The most frequent with their counts, and how many others there are."""
    first = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    text = ", ".join(f"{name or 'none'} {count:,}" for name, count in first[:MOST])
    return text + (f", and {len(first) - MOST:,} others" if len(first) > MOST else "")
