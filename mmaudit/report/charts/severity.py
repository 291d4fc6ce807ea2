"""Severity curves: one metric against the severity of each corruption of a modality, with bands."""

from collections.abc import Mapping

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.ends import ends
from mmaudit.report.charts.lines import REST, Line, banded, final
from mmaudit.report.charts.scene import Scene, scale, short, tick, ticks
from mmaudit.rows import Estimate, Metric

COLOURED = 6  # more lines than this are told apart by nobody
WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, BOTTOM = 52, 204, 16, 44
LEAST = 0.2  # of the range of a share


def severity(
    title: str,
    metric: str,
    clean: Estimate,
    curves: Mapping[str, Line],
    span: tuple[float, float],
    meaning: Metric,
) -> Chart:
    """Draw the curves; the worst are coloured and named, the rest are grey.

    Args:
        title: What the chart shows.
        metric: The metric of the curves.
        clean: The metric at severity 0.
        curves: Estimates by severity, for each corruption.
        span: Least and largest number of the axis; charts to be compared share it.
        meaning: What the metric means.
    """
    lower = meaning.better == "lower"
    lines = {name: {0: clean} | dict(sorted(curve.items())) for name, curve in curves.items()}
    order = sorted(lines, key=lambda n: (_mean(lines[n]) * (-1 if lower else 1), n))
    scene = Scene()
    last = max(max(line) for line in lines.values())
    steps = _axis(meaning, *span)
    x = scale(0, last, LEFT, WIDTH - RIGHT)
    y = scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    for step in steps:
        scene.path([(LEFT, y(step)), (WIDTH - RIGHT, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    for s in sorted({s for line in lines.values() for s in line}):
        scene.text(x(s), HEIGHT - BOTTOM + 18, "clean" if s == 0 else str(s), "label middle")
    scene.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "severity", "axis middle")
    scene.path([(LEFT, y(clean.value)), (WIDTH - RIGHT, y(clean.value))], "reference")
    for i, name in reversed(list(enumerate(order))):
        look = f"c{i}" if i < COLOURED else REST
        banded(scene, name, lines[name], look, "severity", (x, y))
    named = [(y(final(lines[n]).value), short(n), i) for i, n in enumerate(order[:COLOURED])]
    ends(scene, named, x(last), HEIGHT - BOTTOM)
    if len(order) > COLOURED:
        scene.text(
            WIDTH - RIGHT + 18, HEIGHT - BOTTOM + 18, f"{len(order) - COLOURED} more in grey"
        )
    worst = order[0]
    alt = (
        f"{metric} against severity for {len(order)} corruptions. Clean {clean}. "
        f"Worst: {short(worst)}, {final(lines[worst])} at severity {max(lines[worst])}."
    )
    rows = [
        (name, "clean" if s == 0 else s, e, e.n) for name in order for s, e in lines[name].items()
    ]
    numbers = table(title, ("corruption", "severity", metric, "n"), rows)
    return Chart(title, alt, WIDTH, HEIGHT, tuple(scene.marks), numbers)


def _axis(meaning: Metric, low: float, high: float) -> list[float]:
    """Ticks; a share is never drawn so large that a change of one in a hundred looks dramatic."""
    if meaning.unit == "1":
        high = min(1.0, max(high, low + LEAST))
        low = max(0.0, min(low, high - LEAST))
    return ticks(low, high)


def _mean(line: Line) -> float:
    return sum(e.value for e in line.values()) / len(line)
