"""Course: a metric over many runs, cut where two runs may not be compared."""

import math
from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.ends import ends
from mmaudit.report.charts.lines import REST, Line, banded
from mmaudit.report.charts.scene import Scene, scale, tick, ticks
from mmaudit.report.words import condition
from mmaudit.rows import Estimate, Metric

COLOURED = 6
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 766, 340, 56, 336, 16, 58
MOST_NAMED = 8  # runs that are named below the axis
LONGEST = 12  # letters of such a name
LONGEST_ROW = 47  # letters of the name of a line
LEAST = 0.05  # of the range of a share

Course = Sequence[Line]  # pieces: estimates by the run's place, from 1


def course(
    title: str, metric: str, runs: Sequence[str], courses: Mapping[str, Course], meaning: Metric
) -> Chart:
    """Draw one line a course; a gap is where its numbers may not be compared.

    Args:
        title: What the chart shows.
        metric: The metric.
        runs: Names of the runs, in their order.
        courses: The pieces of each line, by its name.
        meaning: What the metric means.
    """
    sign = -1 if meaning.better == "lower" else 1
    order = sorted(courses, key=lambda n: (sign * _final(courses[n]).value, n))
    steps = _axis(courses, share=meaning.unit == "1")
    x = scale(1, max(2, len(runs)), LEFT + 12, WIDTH - RIGHT)
    height = scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)

    def y(value: float) -> float:
        return height(min(max(value, steps[0]), steps[-1]))

    scene = Scene()
    for step in steps:
        scene.path([(LEFT, y(step)), (WIDTH - RIGHT, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    every = max(1, math.ceil(len(runs) / MOST_NAMED))
    for k in range(len(runs), 0, -every):  # the last one is always named
        scene.text(x(k), HEIGHT - BOTTOM + 18, runs[k - 1][:LONGEST], "label middle")
    scene.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "run", "axis middle")
    for i, name in reversed(list(enumerate(order))):
        look = f"c{i}" if i < COLOURED else REST
        for piece in courses[name]:
            banded(scene, name, piece, look, "run", (x, y))
    coloured = enumerate(order[:COLOURED])
    named = [(y(_final(courses[n]).value), condition(n), i) for i, n in coloured]
    ends(scene, named, WIDTH - RIGHT, HEIGHT - BOTTOM, LONGEST_ROW)
    if len(order) > COLOURED:
        more = f"{len(order) - COLOURED} more in grey"
        scene.text(WIDTH - RIGHT + 18, HEIGHT - BOTTOM + 18, more)
    alt = f"{metric.replace('_', ' ')} over {len(runs)} runs: " + "; ".join(
        f"{n}, last {_final(courses[n])}, {_cuts(courses[n])}" for n in order[:COLOURED]
    )
    rows = [
        (name, runs[k - 1], e, e.n)
        for name in order
        for piece in courses[name]
        for k, e in piece.items()
    ]
    numbers = table(title, ("row", "run", metric, "n"), rows)
    return Chart(title, f"{alt}.", WIDTH, HEIGHT, tuple(scene.marks), numbers)


def _final(pieces: Course) -> Estimate:
    last = pieces[-1]
    return last[max(last)]


def _cuts(pieces: Course) -> str:
    return "one line" if len(pieces) == 1 else f"{len(pieces)} lines that may not be compared"


def _axis(courses: Mapping[str, Course], *, share: bool) -> list[float]:
    """Round numbers that cover the finite ends of the intervals; a share spans at least `LEAST`."""
    every = [e for pieces in courses.values() for piece in pieces for e in piece.values()]
    values = [v for e in every for v in (e.low, e.value, e.high) if math.isfinite(v)]
    low, high = min(values), max(values)
    room = max(0.0, (LEAST if share else 0.0) - (high - low)) / 2
    return ticks(low - room, high + room)
