"""Heat map: how much worse each corruption makes a metric at each severity."""

from collections.abc import Mapping

from mmaudit.report.blocks import Chart, interval, number, table
from mmaudit.report.charts.scene import Scene, short
from mmaudit.rows import Estimate

LEFT, TOP, CELL, ROW = 200, 30, 84, 28
FLOOR = 0.05  # a map of tiny numbers is not red
SHADES = 7  # steps of the colour scale, each a class of the style sheet


def heat(title: str, metric: str, cells: Mapping[tuple[str, int], Estimate], most: float) -> Chart:
    """Draw the map; the worst corruption is on top, and every cell holds its number.

    Args:
        title: What the chart shows.
        metric: Name of the worsening, positive where things got worse.
        cells: Worsening by corruption and severity.
        most: Worsening at the end of the colour scale; charts to be compared share it.
    """
    severities = sorted({s for _, s in cells})
    mean = {
        name: sum(e.value for (n, _), e in cells.items() if n == name)
        for name in {n for n, _ in cells}
    }
    order = sorted(mean, key=lambda n: (-mean[n], n))
    most = max(most, FLOOR)
    scene = Scene()
    for j, s in enumerate(severities):
        scene.text(LEFT + j * CELL + CELL / 2, TOP - 10, f"severity {s}", "label middle")
    for i, name in enumerate(order):
        top = TOP + i * ROW
        scene.text(LEFT - 10, top + ROW / 2 + 4, short(name)[:28], "label end")
        for j, s in enumerate(severities):
            e = cells.get((name, s))
            if e is None:
                continue
            left = LEFT + j * CELL
            tip = f"{name}, severity {s}: {interval(e)}, n = {e.n:,}"
            look = f"heat h{shade(e.value, most)}"
            scene.rect(left + 1, top + 1, CELL - 2, ROW - 2, look, tip=tip)
            scene.text(left + CELL / 2, top + ROW / 2 + 4, number(e.value), f"{look} middle")
    (name, s), e = max(cells.items(), key=lambda item: (item[1].value, item[0]))
    alt = f"{metric} for {len(order)} corruptions. Largest: {short(name)} at {s}, {interval(e)}."
    rows = [
        (n, s, cells[n, s], cells[n, s].n) for n in order for s in severities if (n, s) in cells
    ]
    numbers = table(title, ("corruption", "severity", metric, "n"), rows)
    width, height = LEFT + CELL * len(severities) + 8, TOP + ROW * len(order) + 8
    return Chart(title, alt, width, height, tuple(scene.marks), numbers)


def shade(value: float, most: float) -> int:
    """Step of the colour scale, 0 for no harm."""
    if most <= 0 or value <= 0:
        return 0
    return min(SHADES - 1, 1 + int(value / most * (SHADES - 1) - 1e-9))
