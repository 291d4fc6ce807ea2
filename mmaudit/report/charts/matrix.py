"""Matrix: a signed number for every pair, blue where positive and in a warning's colours below."""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, number, table
from mmaudit.report.charts.heat import shade
from mmaudit.report.charts.scene import Scene
from mmaudit.rows import Estimate

LEFT, TOP, CELL, ROW = 170, 30, 84, 34


def matrix(
    title: str, metric: str, names: Sequence[str], cells: Mapping[tuple[str, str], Estimate]
) -> Chart:
    """Draw each pair twice, mirrored at the empty diagonal.

    Args:
        title: What the chart shows.
        metric: What is mapped.
        names: The rows and columns.
        cells: Numbers by pair, each pair once.
    """
    both = {**cells, **{(b, a): e for (a, b), e in cells.items()}}
    most = max(abs(e.value) for e in cells.values()) or 1.0
    scene = Scene()
    for i, a in enumerate(names):
        scene.text(LEFT + (i + 0.5) * CELL, TOP - 10, a[:12], "label middle")
        scene.text(LEFT - 10, TOP + (i + 0.5) * ROW + 4, a[:24], "label end")
        for j, b in enumerate(names):
            e = both.get((a, b))
            if e is None:
                continue
            start, top = LEFT + j * CELL, TOP + i * ROW
            look = f"heat h{shade(abs(e.value), most)}" + (" calm" if e.value >= 0 else "")
            tip = f"{a} and {b}: {e}, n = {e.n:,}"
            scene.rect(start + 1, top + 1, CELL - 2, ROW - 2, look, tip=tip)
            scene.text(start + CELL / 2, top + ROW / 2 + 4, number(e.value), f"{look} middle")
    order = sorted(cells, key=lambda pair: (-abs(cells[pair].value), pair))
    strongest = "; ".join(f"{a} and {b} {cells[a, b]}" for a, b in order[:6])
    rows = [(f"{a}, {b}", cells[a, b], cells[a, b].n) for a, b in order]
    numbers = table(title, ("pair", metric, "n"), rows)
    width, height = LEFT + CELL * len(names) + 8, TOP + ROW * len(names) + 8
    return Chart(title, f"{metric}: {strongest}.", width, height, tuple(scene.marks), numbers)
