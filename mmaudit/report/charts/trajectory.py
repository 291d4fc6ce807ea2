"""Trajectory: a ratio of each modality over the states of a model in training, 1 is balance."""

import math
from collections.abc import Mapping

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.ends import ends
from mmaudit.report.charts.lines import REST, Line, banded, final
from mmaudit.report.charts.scene import Scene, scale, tick

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 56, 200, 16, 48
COLOURS = 6
LEAST = 2.0  # the axis reaches at least from a half to the double
FAR = 64.0  # beyond it ticks are powers of ten


def trajectory(title: str, metric: str, lines: Mapping[str, Line]) -> Chart:
    """Draw one line a modality with its band; ratios are told apart on a logarithmic axis.

    Args:
        title: What the chart shows.
        metric: The metric, a positive ratio.
        lines: Estimates by place in training, for each modality.
    """
    order = sorted(lines, key=lambda n: (-final(lines[n]).value, n))
    places = sorted({k for line in lines.values() for k in line})
    steps = _steps(lines)
    x = scale(places[0], places[-1], LEFT + 12, WIDTH - RIGHT)
    height = scale(math.log(steps[0]), math.log(steps[-1]), HEIGHT - BOTTOM, TOP)

    def y(value: float) -> float:
        return height(math.log(min(max(value, steps[0]), steps[-1])))

    scene = Scene()
    for step in steps:
        scene.path(
            [(LEFT, y(step)), (WIDTH - RIGHT, y(step))], "reference" if step == 1 else "grid"
        )
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    every = max(1, math.ceil(len(places) / 12))
    for k in places[::-1][::every]:  # the last one is always named
        scene.text(x(k), HEIGHT - BOTTOM + 18, str(k), "label middle")
    scene.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "checkpoint", "axis middle")
    for i, name in reversed(list(enumerate(order))):
        look = f"c{i}" if i < COLOURS else REST
        banded(scene, name, lines[name], look, "checkpoint", (x, y))
    named = [(y(final(lines[n]).value), n, i) for i, n in enumerate(order[:COLOURS])]
    ends(scene, named, WIDTH - RIGHT, HEIGHT - BOTTOM)
    changes = "; ".join(
        f"{n} from {lines[n][min(lines[n])]} to {final(lines[n])}" for n in order[:COLOURS]
    )
    alt = f"{metric.replace('_', ' ')} over {len(places)} checkpoints, 1 is balance: {changes}."
    rows = [(n, k, e, e.n) for n in order for k, e in lines[n].items()]
    numbers = table(title, ("modality", "checkpoint", metric, "n"), rows)
    return Chart(title, alt, WIDTH, HEIGHT, tuple(scene.marks), numbers)


def _steps(lines: Mapping[str, Line]) -> list[float]:
    """Powers of two, or of ten, that cover the ratios on both sides of 1."""
    values = [v for line in lines.values() for e in line.values() for v in (e.low, e.value, e.high)]
    far = max(LEAST, *(max(v, 1 / v) for v in values if v > 0))
    base = 2.0 if far <= FAR else 10.0
    count = math.ceil(math.log(far) / math.log(base) - 1e-9)
    return [base**k for k in range(-count, count + 1)]
