"""Moves: how trust in every modality changes as one of them is damaged, 0 is no change."""

from collections.abc import Mapping

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.ends import ends
from mmaudit.report.charts.lines import REST, Line, banded, final
from mmaudit.report.charts.scene import Scene, scale, tick, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 170, 16, 48
COLOURS = 6
LEAST = 0.05  # the axis reaches at least so far to both sides of no change


def moves(
    title: str,
    metric: str,
    damaged: str,
    dose: str,
    lines: Mapping[str, Line],
    span: tuple[float, float],
    order: tuple[str, ...],
) -> Chart:
    """Draw one line a modality with its band.

    Args:
        title: What the chart shows.
        metric: The metric of the lines.
        damaged: The modality that is damaged.
        dose: What the severities are of, as ``severity of the damage of image``.
        lines: Estimates by severity, for each modality.
        span: Least and largest number of the axis; charts to be compared share it.
        order: The modalities in one order for all charts, so that each has one colour.
    """
    names = [name for name in order if name in lines]
    steps = ticks(min(span[0], -LEAST), max(span[1], LEAST))
    places = sorted({k for line in lines.values() for k in line})
    x = scale(places[0], places[-1], LEFT + 8, WIDTH - RIGHT)
    y = scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    scene = Scene()
    for step in steps:
        look = "reference" if step == 0 else "grid"
        scene.path([(LEFT, y(step)), (WIDTH - RIGHT, y(step))], look)
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    for k in places:
        scene.text(x(k), HEIGHT - BOTTOM + 18, str(k), "label middle")
    middle = (LEFT + WIDTH - RIGHT) / 2
    scene.text(middle, HEIGHT - 8, dose, "axis middle")
    looks = {name: i for i, name in enumerate(names)}
    for name in sorted(names, key=lambda n: n == damaged):  # the damaged one is drawn last
        look = f"c{looks[name]}" if looks[name] < COLOURS else REST
        banded(scene, name, lines[name], look, "severity", (x, y))
    wanted = [(y(final(lines[n]).value), n, i) for n, i in looks.items() if i < COLOURS]
    ends(scene, wanted, WIDTH - RIGHT, HEIGHT - BOTTOM, 20)
    said = "; ".join(f"{n} {final(lines[n])}" for n in names[:COLOURS])
    alt = f"Change of trust by the {dose}, at {places[-1]}: {said}."
    rows = [(n, k, e, e.n) for n in names for k, e in lines[n].items()]
    numbers = table(title, ("modality", "severity", metric, "n"), rows)
    return Chart(title, alt, WIDTH, HEIGHT, tuple(scene.marks), numbers)
