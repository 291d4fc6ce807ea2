"""Ternary plot: one dot a sample, in a triangle whose corners are the three modalities."""

import math
from collections.abc import Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Point, Scene, tick

SIDE, LEFT, TOP, BOTTOM = 400, 70, 34, 46
WIDTH, HEIGHT = 620, SIDE * math.sqrt(3) / 2
STEPS = (0.25, 0.5, 0.75)
CENTRE = 1 / 3

Dot = tuple[str, tuple[float, ...]]  # id, and the share of each modality


def ternary(title: str, names: Sequence[str], dots: Sequence[Dot], count: str) -> Chart:
    """Draw the dots; the nearer to a corner, the larger the share of its modality.

    Args:
        title: What the chart shows.
        names: The three modalities: top, bottom left, bottom right.
        dots: Id and three shares, which add up to 1, of each sample that is drawn.
        count: How many samples are drawn, and how many are not.
    """
    scene = Scene()
    _frame(scene, names)
    for id_, shares in dots:
        x, y = place(shares)
        tip = f"{id_}: " + ", ".join(f"{n} {number(s)}" for n, s in zip(names, shares, strict=True))
        scene.circle(x, y, 2.5, "speck c0", tip=tip)
    x, y = place((CENTRE, CENTRE, CENTRE))
    scene.path([(x - 6, y), (x + 6, y)], "whisker")
    scene.path([(x, y - 6), (x, y + 6)], "whisker")
    largest = [shares.index(max(shares)) for _, shares in dots]
    leads = ", ".join(f"{n} in {largest.count(k):,}" for k, n in enumerate(names))
    alt = f"{count} The largest share is that of {leads}."
    shown = sorted(dots, key=lambda d: (-max(d[1]), d[0]))[:10]
    rows = [(id_, *shares) for id_, shares in shown]
    numbers = table(f"{title}: the most one-sided", ("id", *names), rows)
    height = round(TOP + HEIGHT + BOTTOM)
    return Chart(title, alt, WIDTH, height, tuple(scene.marks), numbers)


def place(shares: Sequence[float]) -> Point:
    """Where three shares that add up to 1 lie."""
    top, _, right = shares
    return LEFT + SIDE * (right + top / 2), TOP + HEIGHT * (1 - top)


def _frame(scene: Scene, names: Sequence[str]) -> None:
    """The triangle, a line at every quarter with its share of a corner, and the names."""
    corners = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    for k in range(3):
        following = (k + 1) % 3
        for share in STEPS:
            ends = []
            for other in (following, (k + 2) % 3):
                at = [0.0, 0.0, 0.0]
                at[k], at[other] = share, 1 - share
                ends.append(place(at))
            scene.path(ends, "grid")
    scene.path([place(c) for c in corners], "zero", closed=True)
    for share in STEPS:  # read along the left side: the share of the corner on top
        x, y = place((share, 1 - share, 0.0))
        scene.text(x - 8, y + 4, tick(share), "label end")
        x, y = place((0.0, share, 1 - share))
        scene.text(x, y + 17, tick(share), "label middle")
        x, y = place((1 - share, 0.0, share))
        scene.text(x + 8, y + 4, tick(share), "label")
    bottom = TOP + HEIGHT + 36
    scene.text(LEFT + SIDE / 2, TOP - 14, names[0], "axis middle")
    scene.text(LEFT + SIDE * 0.8, TOP + 26, "in a corner: this modality alone", "small")
    scene.text(LEFT + SIDE * 0.8, TOP + 41, "at the cross: all three alike", "small")
    scene.text(LEFT, bottom, names[1], "axis middle")
    scene.text(LEFT + SIDE, bottom, names[2], "axis middle")
