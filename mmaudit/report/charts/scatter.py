"""Scatter: one dot a sample, one axis a modality."""

from collections.abc import Sequence

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.scene import Scene, scale, tick, ticks

SIZE, LEFT, TOP, BOTTOM = 320, 60, 14, 50
MOST = 1_500  # dots; more are neither seen nor small


def scatter(
    title: str, names: tuple[str, str], dots: Sequence[tuple[str, float, float]], total: int
) -> Chart:
    """Draw the dots with the lines of zero and of equality.

    Args:
        title: What the chart shows.
        names: What the two axes are.
        dots: Id and the two numbers of each sample that is drawn.
        total: How many samples there are.
    """
    values = [v for _, a, b in dots for v in (a, b)] or [0.0, 1.0]
    steps = ticks(min(0.0, *values), max(values), 5)
    x = scale(steps[0], steps[-1], LEFT, LEFT + SIZE)
    y = scale(steps[0], steps[-1], TOP + SIZE, TOP)
    scene = Scene()
    for step in steps:
        look = "zero" if step == 0 else "grid"
        scene.path([(LEFT, y(step)), (LEFT + SIZE, y(step))], look)
        scene.path([(x(step), TOP), (x(step), TOP + SIZE)], look)
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
        scene.text(x(step), TOP + SIZE + 17, tick(step), "label middle")
    scene.path([(x(steps[0]), y(steps[0])), (x(steps[-1]), y(steps[-1]))], "reference")
    scene.text(LEFT + SIZE / 2, TOP + SIZE + 38, names[0], "axis middle")
    scene.text(LEFT + SIZE + 12, TOP + 12, f"↑ {names[1]}", "axis")
    for _, a, b in dots:
        scene.circle(x(a), y(b), 2.5, "speck c0")
    more = sum(a > b for _, a, b in dots)
    alt = (
        f"{len(dots):,} of {total:,} samples; "
        f"{names[0]} brings more than {names[1]} to {more:,} of them."
    )
    shown = sorted(dots, key=lambda d: (-abs(d[1] - d[2]), d[0]))[:10]
    numbers = table(f"{title}: the most one-sided", ("id", *names), shown)
    return Chart(title, alt, LEFT + SIZE + 150, TOP + SIZE + BOTTOM, tuple(scene.marks), numbers)
