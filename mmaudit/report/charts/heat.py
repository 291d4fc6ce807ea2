"""Heat map: a number for each of some rows and columns, the worst row on top."""

from collections.abc import Mapping

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Scene, short
from mmaudit.rows import Estimate

LEFT, TOP, CELL, ROW = 196, 30, 78, 26
LETTER, LONGEST = 6.6, 44  # width of a letter of a row's name, and letters of the longest name
FLOOR = 0.05  # a map of tiny numbers is not red
SHADES = 7  # steps of the colour scale, each a class of the style sheet


def heat(
    title: str,
    metric: str,
    cells: Mapping[tuple[str, int | str], Estimate],
    most: float,
    *,
    harm: bool = True,
) -> Chart:
    """Draw the map; the largest row is on top, and every cell holds its number.

    Args:
        title: What the chart shows.
        metric: What is mapped: a worsening, say, positive where things got worse.
        cells: Numbers by row and column; a column that is a number is a severity.
        most: Number at the end of the colour scale; charts to be compared share it.
        harm: Whether large is bad, and so in the colours of a warning.
    """
    columns = sorted({s for _, s in cells}, key=lambda s: (isinstance(s, str), s))
    mean = {
        name: sum(e.value for (n, _), e in cells.items() if n == name)
        for name in {n for n, _ in cells}
    }
    order = sorted(mean, key=lambda n: (-mean[n], n))
    most = max(most, FLOOR)
    names = {name: _cut(short(name)) for name in order}
    margin = max(LEFT, 18 + round(LETTER * max(map(len, names.values()))))
    scene = Scene()
    for j, s in enumerate(columns):
        scene.text(margin + j * CELL + CELL / 2, TOP - 10, _head(s), "label middle")
    for i, name in enumerate(order):
        top = TOP + i * ROW
        scene.text(margin - 10, top + ROW / 2 + 4, names[name], "label end")
        for j, s in enumerate(columns):
            e = cells.get((name, s))
            if e is None:
                continue
            start = margin + j * CELL
            tip = f"{name}, {_head(s)}: {e}, n = {e.n:,}"
            look = f"heat h{shade(e.value, most)}" + ("" if harm else " calm")
            scene.rect(start + 1, top + 1, CELL - 2, ROW - 2, look, tip=tip)
            scene.text(start + CELL / 2, top + ROW / 2 + 4, number(e.value), f"{look} middle")
    (name, s), e = max(cells.items(), key=lambda item: (item[1].value, str(item[0])))
    alt = f"{metric} for {len(order)} rows. Largest: {short(name)}, {_head(s)}, {e}."
    rows = [(n, s, cells[n, s], cells[n, s].n) for n in order for s in columns if (n, s) in cells]
    numbers = table(title, ("row", "column", metric, "n"), rows)
    width, height = margin + CELL * len(columns) + 8, TOP + ROW * len(order) + 8
    return Chart(title, alt, width, height, tuple(scene.marks), numbers)


def _head(column: int | str) -> str:
    return f"severity {column}" if isinstance(column, int) else column[:12]


def shade(value: float, most: float) -> int:
    """Step of the colour scale, 0 for no harm."""
    if most <= 0 or value <= 0:
        return 0
    return min(SHADES - 1, 1 + int(value / most * (SHADES - 1) - 1e-9))


def _cut(name: str) -> str:
    """A name that fits before its row."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
