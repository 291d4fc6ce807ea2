"""Similarity against row offset: where in the file do the partners of the rows stand?"""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Point, Scene, scale, tick, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 630, 300, 56, 190, 14, 46
LEAST, MOST = 20, 60  # rows to either side that are drawn
ROOM = 1.5  # of the distance of the peaks
GAP = 17

Line = Sequence[tuple[int, float]]  # offset and similarity, by offset


def offset(
    title: str, axis: str, lines: Mapping[str, Line], strangers: float, *, coloured: int = 6
) -> Chart:
    """Draw one line for the whole file and one for each shard.

    Args:
        title: What the chart shows.
        axis: What the similarity is.
        lines: Similarity by offset, by name; offsets far away may be single ones.
        strangers: Similarity at a usual offset, which a line falls to.
        coloured: So many lines are drawn; the table holds all.
    """
    shown = dict(list(lines.items())[:coloured])
    peaks = {name: max(line, key=lambda at: at[1]) for name, line in shown.items()}
    least = (strangers + max(high for _, high in peaks.values())) / 2  # for a peak to stand out
    reach = _reach(shown, [at for at, high in peaks.values() if high >= least])
    near = {n: [at for at in line if abs(at[0]) <= reach] for n, line in shown.items()}
    said = {name: _peak(*peak, stands=peak[1] >= least) for name, peak in peaks.items()}
    values = [v for line in near.values() for _, v in line] + [strangers]
    steps = ticks(min(0.0, *values), max(values), 5)
    x = scale(-reach, reach, LEFT, WIDTH - RIGHT)
    y = scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    scene = Scene()
    for step in steps:
        scene.path([(LEFT, y(step)), (WIDTH - RIGHT, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    for step in ticks(-reach, reach):
        if abs(step) <= reach and step == int(step):
            scene.text(x(step), HEIGHT - BOTTOM + 17, tick(step), "label middle")
    scene.path([(x(0), TOP), (x(0), HEIGHT - BOTTOM)], "zero")
    scene.path([(LEFT, y(strangers)), (WIDTH - RIGHT, y(strangers))], "reference", tip="strangers")
    scene.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "rows between the two sides", "axis middle")
    for i, (name, line) in reversed(list(enumerate(near.items()))):
        points: list[Point] = [(x(k), y(v)) for k, v in line]
        scene.path(points, f"line thin c{i}", tip=name)
        at, high = peaks[name]
        if abs(at) <= reach and high >= least:
            scene.circle(x(at), y(high), 4, f"dot c{i}", tip=f"{name}: {said[name]}")
    for i, name in enumerate(near):
        label = name if len(name) <= 24 else f"…{name[-23:]}"
        scene.text(WIDTH - RIGHT + 14, TOP + 14 + GAP * 2 * i, label, f"name c{i}")
        scene.text(WIDTH - RIGHT + 14, TOP + 28 + GAP * 2 * i, said[name], "small")
    highest = "; ".join(f"{name} {peak}" for name, peak in said.items())
    rest = len(lines) - len(shown)
    more = f" {rest} more shards are in the table of offsets." if rest else ""
    alt = f"{axis} by row offset, strangers at {number(strangers)}. Highest: {highest}.{more}"
    rows = [
        (name, k, v)
        for name, line in shown.items()
        for k, v in sorted(line, key=lambda at: -at[1])[:10]
    ]
    numbers = table(f"{title}: the highest", ("shard", "offset", axis), rows)
    return Chart(title, alt, WIDTH, HEIGHT, tuple(scene.marks), numbers)


def _reach(lines: Mapping[str, Line], peaks: Sequence[int]) -> int:
    """How far to either side is drawn: to the peaks, as far as offsets follow one another."""
    offsets = [{k for k, _ in line} for line in lines.values()]
    far = min(_gapless(some) for some in offsets)
    wanted = [abs(k) for k in peaks if abs(k) <= far]
    return max(1, min(far, MOST, max(LEAST, int(ROOM * max(wanted, default=0)))))


def _gapless(offsets: set[int]) -> int:
    far = 0
    while far + 1 in offsets and -far - 1 in offsets:
        far += 1
    return far


def _peak(at: int, high: float, *, stands: bool) -> str:
    if not stands:
        return "no offset stands out"
    where = f"{at:+,} {'row' if abs(at) == 1 else 'rows'}" if at else "its own row"
    return f"{number(high)} at {where}"
