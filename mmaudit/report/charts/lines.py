"""A line of estimates with its band, as severity curves and trajectories draw it."""

from collections.abc import Mapping

from mmaudit.report.charts.scene import Axis, Scene
from mmaudit.rows import Estimate

Line = Mapping[int, Estimate]  # step, from 0 or 1, to estimate
REST = "rest"  # the look of a line that is not told apart


def banded(
    scene: Scene, name: str, line: Line, look: str, step: str, axes: tuple[Axis, Axis]
) -> None:
    """Draw the band of the intervals, the line, and a dot at every step but 0.

    Args:
        scene: The chart.
        name: What the line is of.
        line: Its estimates, by step in order.
        look: Its colour; a line in `REST` has no band.
        step: What a step is called.
        axes: From a step to pixels, and from a number.
    """
    x, y = axes
    if look != REST:
        high = [(x(k), y(e.high)) for k, e in line.items()]
        low = [(x(k), y(e.low)) for k, e in reversed(list(line.items()))]
        scene.path([*high, *low], f"band {look}", closed=True)
    scene.path([(x(k), y(e.value)) for k, e in line.items()], f"line {look}", tip=name)
    for k, e in line.items():
        if k:
            tip = f"{name}, {step} {k}: {e}, n = {e.n:,}"
            scene.circle(x(k), y(e.value), 3.5, f"dot {look}", tip=tip)


def final(line: Line) -> Estimate:
    """The estimate at the last step."""
    return line[max(line)]
