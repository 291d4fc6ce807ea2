"""Bars: one estimate a category, with its interval, left and right of zero."""

from collections.abc import Mapping
from textwrap import wrap

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.scene import Scene, scale, ticks
from mmaudit.rows import Estimate

LEFT, RIGHT, TOP, ROW, WIDTH = 150, 190, 10, 34, 590
LONGEST = 24  # letters of a line of a name, of which there are two
TIGHT = 16  # of one word, as of a part


def bars(title: str, metric: str, cells: Mapping[str, Estimate]) -> Chart:
    """Draw the bars, the longest first.

    Args:
        title: What the chart shows.
        metric: The metric.
        cells: Estimate for each category.
    """
    order = sorted(cells, key=lambda k: (-abs(cells[k].value), k))
    low, high = (
        min(0.0, *(e.low for e in cells.values())),
        max(0.0, *(e.high for e in cells.values())),
    )
    steps = ticks(low, high)
    x = scale(steps[0], steps[-1], LEFT, WIDTH - RIGHT)
    bottom = TOP + ROW * len(order)
    scene = Scene()
    scene.upright(steps, x, TOP, bottom)
    for i, name in enumerate(order):
        e, middle = cells[name], TOP + ROW * (i + 0.5)
        start, end = sorted((x(0), x(e.value)))
        tip = f"{name}: {e}, n = {e.n:,}"
        scene.rect(
            start, middle - 9, end - start, 18, "bar c0" if e.value >= 0 else "bar c1", tip=tip
        )
        scene.path([(x(e.low), middle), (x(e.high), middle)], "whisker", tip=tip)
        lines = two_lines(name)
        for k, line in enumerate(lines):
            scene.text(LEFT - 10, middle + 11 - 7 * len(lines) + 14 * k, line, "label end")
        scene.text(WIDTH - RIGHT + 14, middle + 4, str(e), "label")
    alt = f"{metric}: " + "; ".join(f"{name} {cells[name]}" for name in order[:8]) + "."
    rows = [(name, cells[name], cells[name].n) for name in order]
    numbers = table(title, ("what", metric, "n"), rows)
    return Chart(title, alt, WIDTH, bottom + 26, tuple(scene.marks), numbers)


def two_lines(name: str) -> list[str]:
    """A name in two lines at most; that of a part behind its folder, where both then fit.

    Example:
        >>> two_lines("control/best_unimodal"), two_lines("control/concat")
        (['control/', 'best_unimodal'], ['control/concat'])
    """
    folder, slash, part = name.partition("/")
    if slash and len(name) > TIGHT >= max(len(folder) + 1, len(part)) and " " not in name:
        return [folder + slash, part]
    return wrap(name, LONGEST if " " in name else TIGHT)[:2]
