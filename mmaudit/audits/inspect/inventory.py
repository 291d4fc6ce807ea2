"""Inventory: what is in a dataset, a fact a row."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.unit import FORM, SIZE
from mmaudit.formats import number

SCHEMA = pa.schema([(name, pa.string()) for name in ("of", "fact", "value")])
MOST = 8  # forms or classes that are listed by name


def table(contents: Contents) -> pa.Table:
    """Rows, splits, groups, classes, and of each modality its kind, forms and sizes."""
    facts = [*_of_samples(contents), *_of_modalities(contents)]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, f, strict=True)) for f in facts], SCHEMA)


Fact = tuple[str, str, str]


def _of_samples(contents: Contents) -> Iterator[Fact]:
    dataset = contents.dataset
    yield "samples", "rows", f"{len(dataset):,}"
    if contents.splits is not None:
        yield "samples", "splits", _listed(Counter(contents.splits.tolist()))
    if contents.groups is not None:
        sizes = np.bincount(contents.groups)
        yield "samples", "groups", f"{len(sizes):,}, of {sizes.min():,} to {sizes.max():,} samples"
    if contents.labels is not None:
        yield "samples", "classes", _listed(Counter(contents.names_of_labels.tolist()))


def _of_modalities(contents: Contents) -> Iterator[Fact]:
    for modality, kind in contents.dataset.kinds.items():
        yield modality, "kind", kind
        forms: Counter[str] = Counter()
        for cells in contents.cells(f"{modality}.{FORM}"):
            forms.update(cells.drop_null().to_pylist())
        if forms:
            yield modality, "forms", _listed(forms)
        sizes = contents.numbers(f"{modality}.{SIZE}")
        sizes = sizes[np.isfinite(sizes)]
        if sizes.size:
            least, middle, most = np.quantile(sizes, [0, 0.5, 1])
            yield modality, "size", f"{number(least)} to {number(most)}, median {number(middle)}"


def _listed(counts: Counter[str]) -> str:
    """The most frequent with their counts, and how many others there are."""
    first = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    text = ", ".join(f"{name or 'none'} {count:,}" for name, count in first[:MOST])
    return text + (f", and {len(first) - MOST:,} others" if len(first) > MOST else "")
