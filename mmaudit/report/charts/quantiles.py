"""Quantiles: how a number of each sample is distributed, one row a category."""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Scene, scale, ticks

LEFT, RIGHT, TOP, ROW, WIDTH = 150, 190, 10, 34, 590
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def quantiles(title: str, axis: str, values: Mapping[str, Sequence[float]]) -> Chart:
    """Draw the middle half as a box, the middle nine tenths as a line, the median as a dot.

    Args:
        title: What the chart shows.
        axis: What the number is.
        values: The numbers of the samples, for each category.
    """
    levels = {name: [at(sorted(v), level) for level in LEVELS] for name, v in values.items() if v}
    order = sorted(levels, key=lambda n: (-levels[n][2], n))
    steps = ticks(min(0.0, *(f[0] for f in levels.values())), max(f[-1] for f in levels.values()))
    x = scale(steps[0], steps[-1], LEFT, WIDTH - RIGHT)
    bottom = TOP + ROW * len(order)
    scene = Scene()
    scene.upright(steps, x, TOP, bottom)
    scene.text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, axis, "axis middle")
    for i, name in enumerate(order):
        least, low, middle, high, most = levels[name]
        y = TOP + ROW * (i + 0.5)
        tip = f"{name}: half of the samples from {number(low)} to {number(high)}"
        scene.path([(x(least), y), (x(most), y)], "whisker", tip=tip)
        scene.rect(x(low), y - 8, max(x(high) - x(low), 1), 16, "bar c0", tip=tip)
        scene.circle(x(middle), y, 5, "dot c1", tip=f"{name}: median {number(middle)}")
        scene.text(LEFT - 10, y + 4, name[:24], "label end")
        scene.text(WIDTH - RIGHT + 14, y + 4, f"{number(middle)} [{number(low)}, {number(high)}]")
    alt = (
        f"{axis}, median and middle half of the samples: "
        + "; ".join(f"{n} {number(levels[n][2])} [{number(levels[n][1])}, {number(levels[n][3])}]"
                    for n in order[:8])
        + "."
    )  # fmt: skip
    heads = ("what", *("median" if q == 0.5 else f"{q:.0%} quantile" for q in LEVELS))
    numbers = table(title, heads, [(name, *levels[name]) for name in order])
    return Chart(title, alt, WIDTH, bottom + 44, tuple(scene.marks), numbers)


def at(ordered: Sequence[float], level: float) -> float:
    """The quantile of sorted numbers, between neighbours in proportion."""
    spot = level * (len(ordered) - 1)
    below = int(spot)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (spot - below) * (ordered[above] - ordered[below])
