"""Subsets of modalities: which were present, and what the metric then was (an UpSet plot)."""

from collections.abc import Collection, Mapping, Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.scene import Axis, Scene, scale, tick, ticks
from mmaudit.rows import Estimate

LEFT, TOP, COLUMN, DOT, PLOT = 130, 28, 46, 22, 200
MOST = 32  # columns: the 2^5 subsets of five modalities


def subsets(
    title: str,
    metric: str,
    modalities: Sequence[str],
    cells: Mapping[tuple[str, ...], Estimate],
    worst: Collection[tuple[str, ...]] = (),
) -> Chart:
    """Draw one column a subset, the fullest first.

    Args:
        title: What the chart shows.
        metric: The metric.
        modalities: All modalities, in the order of the rows.
        cells: Estimate for each subset of present modalities.
        worst: Subsets that are marked as the worst of as many.
    """
    order = sorted(cells, key=lambda subset: (-len(subset), -cells[subset].value, subset))
    shown = order[:MOST]
    scene = Scene()
    steps = ticks(min(0.0, *(cells[k].low for k in shown)), max(cells[k].high for k in shown))
    y = scale(steps[0], steps[-1], TOP + PLOT, TOP)
    right = LEFT + COLUMN * len(shown)
    for step in steps:
        scene.path([(LEFT, y(step)), (right, y(step))], "grid")
        scene.text(LEFT - 8, y(step) + 4, tick(step), "label end")
    rows = TOP + PLOT + 24
    for j, modality in enumerate(modalities):
        scene.text(LEFT - 8, rows + j * DOT + 4, modality[:18], "label end")
    for i, subset in enumerate(shown):
        middle = LEFT + COLUMN * (i + 0.5)
        _column(scene, subset, cells[subset], middle, y, marked=subset in worst)
        on = [rows + j * DOT for j, m in enumerate(modalities) if m in subset]
        if len(on) > 1:
            scene.path([(middle, on[0]), (middle, on[-1])], "link")
        for j, m in enumerate(modalities):
            scene.circle(middle, rows + j * DOT, 6, "on" if m in subset else "off")
    lowest = min(shown, key=lambda k: (cells[k].value, k))
    alt = (
        f"{metric} for {len(order)} subsets of the modalities {', '.join(modalities)}. "
        f"{'All present' if len(order[0]) == len(modalities) else f'Fullest: {name(order[0])}'}: "
        f"{cells[order[0]]}. "
        f"Lowest: {name(lowest)}, {cells[lowest]}."
    )
    listed = [(name(k), len(k), cells[k], cells[k].n) for k in order]
    numbers = table(title, ("present", "modalities", metric, "n"), listed)
    height = rows + DOT * len(modalities)
    return Chart(title, alt, right + 12, height, tuple(scene.marks), numbers)


def name(subset: Sequence[str]) -> str:
    """The modalities of a subset, in words."""
    return " + ".join(subset) or "none"


def _column(
    scene: Scene, subset: Sequence[str], e: Estimate, middle: float, y: Axis, *, marked: bool
) -> None:
    tip = f"{name(subset)}: {e}, n = {e.n:,}"
    top, bottom = sorted((y(e.value), y(0)))
    scene.rect(middle - 14, top, 28, bottom - top, "bar c1" if marked else "bar c0", tip=tip)
    scene.path([(middle, y(e.low)), (middle, y(e.high))], "whisker", tip=tip)
    above = min(y(e.high), y(e.value)) - 5
    scene.text(middle, above, number(e.value)[:5], "small middle")
    if marked:
        scene.text(middle, above - 13, "worst", "small middle")
