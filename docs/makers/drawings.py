"""Drawings: SVG of lines and cells, clean and at severities 1, 3 and 5."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from makers import shown
from mmaudit.arrays import Floats

WIDE, HIGH, MASK, GAP = 150, 84, 30, 10
CLEAN, WORSE, MOVED = "#b6bec9", ("#0b6bcb", "#c2570c"), "#c2410c"
TOP = 14  # room for the words above a panel


def lines(name: str) -> str:
    """A series, a line a channel, over the clean one in grey."""
    clean, *worse = (np.asarray(v, np.float64) for v in shown.values(name))
    scale = _scale([clean, *worse])
    panels = [_curves(clean, scale, WORSE)]
    panels += [_curves(clean, scale, (CLEAN, CLEAN)) + _curves(v, scale, WORSE) for v in worse]
    return _drawing(panels)


def stems(name: str) -> str:
    """A vector, a stem an entry; those that are not as they were have another colour."""
    clean, *worse = (np.asarray(v, np.float64) for v in shown.values(name))
    scale = _scale([clean, *worse])
    return _drawing([_stems(clean, v, scale) for v in (clean, *worse)])


def masks(name: str) -> str:
    """A plan of what is absent: a column a sample, a row a modality, dark where absent."""
    rows, plans = shown.plans(name)
    return _drawing([_cells(mask.T) for mask in (~rows.present, *plans)], high=MASK)


def donors(name: str) -> str:
    """A plan of pairs: a dot a sample, across its own number, up the number of its donor."""
    rows, plans = shown.plans(name)
    own = np.arange(len(rows.ids))
    return _drawing([_dots(own, donor) for donor in (own, *plans)], high=WIDE)


def _scale(values: Sequence[Floats]) -> tuple[float, float]:
    """Lowest and highest of the middle of all values, so that one outlier hides nothing."""
    clean = values[0]
    reach = float(abs(clean).max()) * 1.8
    low, high = min(float(v.min()) for v in values), max(float(v.max()) for v in values)
    return max(low, -reach), min(high, reach)


def _y(values: Floats, scale: tuple[float, float]) -> Floats:
    low, high = scale
    return np.clip((high - values) / (high - low), 0, 1) * (HIGH - 4) + 2


def _curves(value: Floats, scale: tuple[float, float], colours: Iterable[str]) -> str:
    x = np.linspace(2, WIDE - 2, value.shape[0])
    return "".join(
        f'<polyline points="{_points(x, _y(value[:, c], scale))}" stroke="{colour}"/>'
        for c, colour in zip(range(value.shape[1]), colours, strict=True)
    )


def _points(x: Floats, y: Floats) -> str:
    return " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _stems(clean: Floats, value: Floats, scale: tuple[float, float]) -> str:
    x = np.linspace(3, WIDE - 3, value.size)
    zero = float(_y(np.zeros(1), scale)[0])
    out = []
    for same, colour in ((True, WORSE[0]), (False, MOVED)):
        at = np.flatnonzero((clean == value) == same)
        path = " ".join(f"M{x[i]:.1f} {zero:.1f}V{_y(value[i], scale):.1f}" for i in at)
        out.append(f'<path d="{path}" stroke="{colour}"/>' if path else "")
        dots = [i for i in at if value[i] == 0]
        out += [f'<circle cx="{x[i]:.1f}" cy="{zero:.1f}" r="1" fill="{colour}"/>' for i in dots]
    return "".join(out)


def _cells(absent: NDArray[np.bool_]) -> str:
    """A grid; a cell that is there is pale."""
    m, n = absent.shape
    wide, high = WIDE / n, MASK / m
    path = "".join(
        f"M{j * wide:.4g} {(i + 0.5) * high:.4g}h{wide:.4g}" for i, j in np.argwhere(absent)
    )
    ink = f'<path d="{path}" stroke="{MOVED}" stroke-width="{high - 1:.4g}"/>' if path else ""
    return f'<rect width="{WIDE}" height="{MASK}" fill="#dbe7f5"/>{ink}'


def _dots(own: NDArray[np.int64], donor: NDArray[np.int64]) -> str:
    """A dot a sample; those whose value is their own are pale."""
    step, out = WIDE / own.size, ""
    for same, colour in ((True, CLEAN), (False, MOVED)):
        at = np.flatnonzero((own == donor) == same)
        spots = (((i + 0.5) * step, WIDE - (donor[i] + 0.5) * step) for i in at)
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in spots)
        if path:
            out += f'<path d="{path}" stroke="{colour}" stroke-width="3.2" stroke-linecap="round"/>'
    return out


def _drawing(panels: Sequence[str], high: int = HIGH) -> str:
    """Panels beside each other, each with its word above."""
    width = len(panels) * (WIDE + GAP) + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{high + TOP + GAP}" '
        f'font-family="sans-serif" font-size="10" fill="none" stroke-width="1.2">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
    )
    words = ["clean", *(f"severity {severity}" for severity in shown.SHOWN)]
    body = "".join(
        f'<text x="{GAP + i * (WIDE + GAP)}" y="{TOP - 3}" fill="#57606a">{word}</text>\n'
        f'<g transform="translate({GAP + i * (WIDE + GAP)} {TOP})">'
        f'<rect width="{WIDE}" height="{high}" stroke="#d0d7de" stroke-width="0.6"/>{panel}</g>\n'
        for i, (word, panel) in enumerate(zip(words, panels, strict=True))
    )
    return head + body + "</svg>\n"
