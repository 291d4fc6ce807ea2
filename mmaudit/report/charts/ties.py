"""Ties: one dot a method, the best first, and bars that join what cannot be told apart.

After the critical-difference diagram of Demšar 2006 (JMLR 7), upright, so that names have room.
"""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Scene, scale, ticks
from mmaudit.rows import Estimate

LEFT, TOP, ROW, PLOT, NUMBERS, BAR = 258, 8, 20, 150, 58, 11
LONGEST = 30  # letters of a name
FEW = 3  # spaces between ticks
SAID = 3  # methods of a group that are named to whoever does not see it


def ties(
    title: str, metric: str, cells: Mapping[str, Estimate], groups: Sequence[Sequence[str]]
) -> Chart:
    """Draw the dots and the bars.

    Args:
        title: What the chart shows; how bars are to be read is said behind it.
        metric: The metric.
        cells: Estimate of each method, the best first.
        groups: Methods that cannot be told apart; each group is a stretch of that order.
    """
    order = list(cells)
    spans = [(order.index(group[0]), order.index(group[-1])) for group in groups]
    columns = lanes(spans)
    start = LEFT + BAR * (max(columns, default=0) + 1)
    scene = Scene()
    for (first, last), column, group in zip(spans, columns, groups, strict=True):
        at = LEFT + BAR * column
        ends = [(at, TOP + ROW * first + 4), (at, TOP + ROW * (last + 1) - 4)]
        scene.path(ends, "link", tip=f"cannot be told apart: {', '.join(group)}")
    _dots(scene, cells, start)
    of = membership(groups)
    numbers = table(
        f"{title}: what shares a group cannot be told apart",
        ("method", metric, "groups", "n"),
        [(name, cells[name], of.get(name, ""), cells[name].n) for name in order],
    )
    alt = f"{metric} of {len(order)} methods in {len(groups)} groups: " + "; ".join(
        map(_listed, groups[:SAID])
    )
    what = f"{title}: what a bar joins cannot be told apart"
    width, height = start + PLOT + NUMBERS, TOP + ROW * len(order) + 26
    return Chart(what, f"{alt}.", width, height, tuple(scene.marks), numbers)


def _dots(scene: Scene, cells: Mapping[str, Estimate], start: float) -> None:
    """Name, dot and number of each method."""
    steps = ticks(min(e.value for e in cells.values()), max(e.value for e in cells.values()), FEW)
    x = scale(steps[0], steps[-1], start, start + PLOT)
    scene.upright(steps, x, TOP, TOP + ROW * len(cells))
    for i, (name, e) in enumerate(cells.items()):
        middle = TOP + ROW * (i + 0.5)
        scene.path([(start, middle), (start + PLOT, middle)], "grid")
        scene.circle(x(e.value), middle, 5, "dot c0", tip=f"{name}: {e}, n = {e.n:,}")
        scene.text(LEFT - 10, middle + 4, shortened(name), "label end")
        scene.text(start + PLOT + 12, middle + 4, number(e.value)[:6], "label")


def membership(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """The numbers of the groups of each method, as ``1, 2``."""
    of: dict[str, list[str]] = {}
    for i, group in enumerate(groups, 1):
        for name in group:
            of.setdefault(name, []).append(str(i))
    return {name: ", ".join(numbers) for name, numbers in of.items()}


def lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The column of each bar: the first in which none of those before it reaches it.

    Example:
        >>> lanes([(0, 3), (2, 5), (4, 6)])
        [0, 1, 0]
    """
    ends: list[int] = []
    out = []
    for first, last in spans:
        free = [k for k, end in enumerate(ends) if end < first]
        column = free[0] if free else len(ends)
        ends[column : column + 1] = [last]
        out.append(column)
    return out


def shortened(name: str) -> str:
    """A name that fits; what is cut is its middle, for names differ at both ends."""
    if len(name) <= LONGEST:
        return name
    half = (LONGEST - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _listed(group: Sequence[str]) -> str:
    more = len(group) - SAID
    return ", ".join(group[:SAID]) + (f" and {more} more" if more > 0 else "")
