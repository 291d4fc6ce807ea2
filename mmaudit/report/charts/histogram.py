"""Histogram of a score beside its null: what was seen, and what chance would look like."""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.scene import Scene, scale, tick, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 664, 300, 56, 224, 14, 46
WORDS = {
    "observed": "observed",
    "random": "randomly re-paired",
    "hard": "re-paired among similar",
    "fitted_matched": "fitted matches",
    "fitted_mismatched": "fitted mismatches",
}


def histogram(
    title: str,
    axis: str,
    edges: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    limits: Sequence[float] = (),
) -> Chart:
    """Draw the observed shares as an area, every other as a line of steps, and limits upright.

    Args:
        title: What the chart shows.
        axis: What the score is, and which end is bad.
        edges: Ends of the bins, one more than bins.
        shares: Share of each part in each bin; the first is the area.
        limits: Scores past which a value is called bad; those that no bin holds are not drawn.
    """
    names = list(shares)
    scene = Scene()
    tallest = max((v for some in shares.values() for v in some), default=1.0)
    x = scale(edges[0], edges[-1], LEFT, WIDTH - RIGHT)
    steps = ticks(0.0, tallest or 1.0, 4)
    y = scale(0.0, steps[-1], HEIGHT - BOTTOM, TOP)
    for step in steps:
        scene.path([(LEFT, y(step)), (WIDTH - RIGHT, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    for step in ticks(edges[0], edges[-1]):
        if edges[0] <= step <= edges[-1]:
            scene.text(x(step), HEIGHT - BOTTOM + 17, tick(step), "label middle")
    scene.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, axis, "axis middle")
    for i, name in enumerate(names):
        line = [
            (x(end), y(share))
            for share, a, b in zip(shares[name], edges, edges[1:], strict=False)
            for end in (a, b)
        ]
        if i == 0:
            base = [(x(edges[-1]), y(0)), (x(edges[0]), y(0))]
            scene.path([*line, *base], "band area c0", closed=True)
        scene.path(line, f"line thin c{i}", tip=WORDS.get(name, name))
        scene.text(WIDTH - RIGHT + 14, TOP + 14 + 19 * i, WORDS.get(name, name), f"name c{i}")
    drawn = [limit for limit in limits if edges[0] <= limit <= edges[-1]]
    for limit in drawn:
        scene.path([(x(limit), TOP), (x(limit), HEIGHT - BOTTOM)], "reference")
        scene.text(x(limit) + 4, TOP + 10, f"limit {tick(limit)}", "label")
    peaks = {n: edges[max(range(len(s)), key=s.__getitem__)] for n, s in shares.items() if s}
    alt = f"{title}. Peaks: " + "; ".join(f"{WORDS.get(n, n)} {tick(p)}" for n, p in peaks.items())
    alt += "".join(f"; limit {tick(limit)}" for limit in drawn)
    rows = [(tick(edges[i]), *(float(shares[n][i]) for n in names)) for i in range(len(edges) - 1)]
    numbers = table(title, ("from", *(WORDS.get(n, n) for n in names)), rows)
    return Chart(title, f"{alt}.", WIDTH, HEIGHT, tuple(scene.marks), numbers)
