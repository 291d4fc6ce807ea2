"""What a report shows of the contributions to each sample: a dot each, or how they spread."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import compute

from mmaudit.report.blocks import Chart
from mmaudit.report.charts.quantiles import quantiles
from mmaudit.report.charts.scatter import MOST, scatter
from mmaudit.report.charts.ternary import ternary
from mmaudit.report.read import RunData
from mmaudit.report.words import worth
from mmaudit.tables import store

CORNERS = 3  # modalities that a triangle shows
Dots = list[tuple[str, list[float | None]]]  # id, and φ of each modality


def charts(
    run: RunData, audit: str, value: str, absent: str, modalities: Sequence[str]
) -> Iterator[Chart]:
    """One dot a sample for the two main modalities; shares of |φ| of three, or of more.

    Args:
        run: The run.
        audit: The audit's folder.
        value: What an answer is worth.
        absent: Absence policy.
        modalities: All of them, the one that brings most first.
    """
    dots, total = _dots(run, audit, value, absent, modalities)
    if not dots or len(modalities) < 2:
        return
    a, b = modalities[:2]
    pairs = [(id_, p, q) for id_, (p, q, *_) in dots if p is not None and q is not None]
    if pairs:
        title = f"What each sample takes from its two main modalities: {worth(value)}"
        yield scatter(title, (a, b), pairs, total)
    if len(modalities) < CORNERS:
        return
    shares = [(id_, parts) for id_, phi in dots if (parts := _shares(phi)) is not None]
    title = f"How each sample's answer is shared among the modalities: {worth(value)}"
    still = len(dots) - len(shares)
    moved = f"{len(shares):,} of {total:,} samples" + (
        f"; {still:,} that no modality moves are not drawn." if still else "."
    )
    if len(modalities) == CORNERS and shares:
        yield ternary(title, modalities, shares, moved)
    elif shares:
        columns = {m: [parts[k] for _, parts in shares] for k, m in enumerate(modalities)}
        yield quantiles(title, "share of |φ|", columns)


def _shares(phi: Sequence[float | None]) -> tuple[float, ...] | None:
    """Share of |φ| of each modality, 0 where it is absent; None where none has any."""
    sizes = [abs(v) if v is not None else 0.0 for v in phi]
    total = sum(sizes)
    return tuple(size / total for size in sizes) if total > 0 else None


def _dots(
    run: RunData, audit: str, value: str, absent: str, modalities: Sequence[str]
) -> tuple[Dots, int]:
    """Samples at equal distances through the whole table, and how many there are in all."""
    folder = run.path / audit / "samples"
    total = sum(table.num_rows for table in _rows(folder, value, absent, ()))
    step = max(1, -(-total // MOST))
    dots: Dots = []
    position = 0
    for table in _rows(folder, value, absent, ("id", *(f"phi_{m}" for m in modalities))):
        some = table.take(pa.array(range(-position % step, table.num_rows, step), pa.int64()))
        position += table.num_rows
        columns = [some[name].to_pylist() for name in some.column_names]
        for id_, *phi in zip(*columns, strict=True):
            dots.append((str(id_), phi))
    return dots, total


def _rows(folder: Any, value: str, absent: str, names: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of one worth and policy, file by file; nothing where a column is not there."""
    keys = ("value", "absent")
    for path in store.parts(folder):
        with store.opened(path) as file:
            if not {*keys, *names} <= set(file.schema_arrow.names):
                return
            with store.reading(path):
                table = file.read([*keys, *names])
        mine = compute.and_(
            compute.equal(table["value"], value), compute.equal(table["absent"], absent)
        )
        yield table.filter(mine).select(list(names) or list(keys))
