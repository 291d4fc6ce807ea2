"""Policies: what each modality contributes under every absence policy, side by side."""

from collections.abc import Mapping, Sequence

from mmaudit.report.blocks import Chart, table
from mmaudit.report.charts.scene import Scene, scale, ticks
from mmaudit.rows import Estimate

LEFT, RIGHT, TOP, LINE, GAP, WIDTH = 150, 250, 12, 17, 16, 660
COLOURS = 6

Cells = Mapping[tuple[str, str], Estimate]  # by modality and policy


def policies(title: str, metric: str, order: Sequence[str], cells: Cells, sentence: str) -> Chart:
    """Draw a dot and an interval for each modality and policy; those of a modality lie together.

    Args:
        title: What the chart shows.
        metric: The metric.
        order: The policies, the leading one first.
        cells: Estimates by modality and policy.
        sentence: What the policies agree on, a sentence.
    """
    lead = {m: max((e.value for (n, _), e in cells.items() if n == m)) for m, _ in cells}
    modalities = sorted(lead, key=lambda m: (-lead[m], m))
    steps = ticks(min(0.0, *(e.low for e in cells.values())), max(e.high for e in cells.values()))
    x = scale(steps[0], steps[-1], LEFT, WIDTH - RIGHT)
    group = LINE * len(order) + GAP
    bottom = TOP + group * len(modalities) - GAP
    scene = Scene()
    scene.upright(steps, x, TOP, bottom, below=18)
    scene.text((LEFT + WIDTH - RIGHT) / 2, bottom + 38, metric.replace("_", " "), "axis middle")
    for i, m in enumerate(modalities):
        top = TOP + i * group
        scene.text(LEFT - 12, top + LINE * len(order) / 2 + 4, m[:24], "label end")
        for k, policy in enumerate(order):
            e, y = cells.get((m, policy)), top + LINE * (k + 0.5)
            if e is None:
                continue
            look = f"c{k}" if k < COLOURS else "rest"
            tip = f"{m}, absent values {policy}: {e}, n = {e.n:,}"
            scene.path([(x(e.low), y), (x(e.high), y)], "whisker", tip=tip)
            scene.circle(x(e.value), y, 5, f"dot {look}", tip=tip)
            scene.text(WIDTH - RIGHT + 14, y + 4, policy[:14], f"{look} name")
            scene.text(WIDTH - RIGHT + 112, y + 4, str(e), "label")
    brought = "; ".join(
        f"{m} " + ", ".join(f"{cells[m, p]} under {p}" for p in order if (m, p) in cells)
        for m in modalities[:4]
    )
    rows = [(m, p, cells[m, p], cells[m, p].n)
            for m in modalities for p in order if (m, p) in cells]  # fmt: skip
    numbers = table(title, ("modality", "absent values", metric, "n"), rows)
    return Chart(title, f"{sentence} {brought}.", WIDTH, bottom + 46, tuple(scene.marks), numbers)
