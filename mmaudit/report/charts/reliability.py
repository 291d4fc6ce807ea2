"""Reliability: how often the model is right where it is so sure (calibration)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Scene, scale, tick
from mmaudit.report.words import condition

SIZE, LEFT, TOP, RIGHT, BOTTOM = 320, 52, 14, 262, 46
WIDEST, MOST_LINES, LINE, GAP = 32, 3, 15, 4  # of the names beside it
FEWEST = 10  # answers in a bin that is drawn


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence.

    Attributes:
        confidence: Their mean confidence.
        accuracy: Share of them that is right.
        n: How many.
    """

    confidence: float
    accuracy: float
    n: int


def reliability(title: str, curves: Mapping[str, Sequence[Bin]]) -> Chart:
    """Draw accuracy against confidence for some conditions; on the diagonal is honest."""
    scene = Scene()
    x, y = scale(0, 1, LEFT, LEFT + SIZE), scale(0, 1, TOP + SIZE, TOP)
    for step in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        scene.path([(LEFT, y(step)), (LEFT + SIZE, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
        scene.text(x(step), TOP + SIZE + 17, tick(step), "label middle")
    scene.path([(x(0), y(0)), (x(1), y(1))], "reference")
    scene.text(LEFT + SIZE / 2, TOP + SIZE + 36, "how sure the model was", "axis middle")
    place = TOP + 14
    for i, (name, bins) in enumerate(curves.items()):
        drawn = [b for b in bins if b.n >= FEWEST]
        scene.path([(x(b.confidence), y(b.accuracy)) for b in drawn], f"line c{i}", tip=name)
        for b in drawn:
            tip = f"{name}: sure {number(b.confidence)}, right {number(b.accuracy)}, n = {b.n:,}"
            scene.circle(x(b.confidence), y(b.accuracy), 3.5, f"dot c{i}", tip=tip)
        for line in wrap(condition(name), WIDEST)[:MOST_LINES]:
            scene.text(LEFT + SIZE + 16, place, line, f"name c{i}")
            place += LINE
        place += GAP
    gaps = {n: gap(bins) for n, bins in curves.items()}
    alt = "Accuracy against confidence. Mean distance from honest: "
    alt += "; ".join(f"{n} {number(g)}" for n, g in gaps.items()) + "."
    rows = [(n, b.confidence, b.accuracy, b.n) for n, bins in curves.items() for b in bins]
    numbers = table(title, ("condition", "confidence", "accuracy", "n"), rows)
    width, height = LEFT + SIZE + RIGHT, TOP + SIZE + BOTTOM
    return Chart(title, alt, width, height, tuple(scene.marks), numbers)


def gap(bins: Sequence[Bin]) -> float:
    """Mean distance of accuracy from confidence, by answers."""
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.accuracy - b.confidence) for b in bins) / total if total else 0.0
