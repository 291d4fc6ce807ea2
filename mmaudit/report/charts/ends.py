"""Names at the ends of lines, moved apart where they would overlap."""

from collections.abc import Sequence

from mmaudit.report.charts.scene import Scene

GAP = 16  # pixels from one name to the next
LONGEST = 26  # letters of a name


def ends(
    scene: Scene,
    wanted: Sequence[tuple[float, str, int]],
    right: float,
    bottom: float,
    longest: int = LONGEST,
) -> None:
    """Write the names beside the last points, each with a leader to its own.

    Args:
        scene: The chart.
        wanted: Height of the last point, name and colour of each line.
        right: Where the lines end.
        bottom: The lowest that a name may stand.
        longest: Letters of a name that there is room for.
    """
    spots = sorted(wanted)
    places = [y for y, _, _ in spots]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + GAP)
    for i in reversed(range(len(places))):
        places[i] = min(places[i], bottom)
        bottom = places[i] - GAP
    for at, (y, name, i) in zip(places, spots, strict=True):
        scene.path([(right + 4, y), (right + 13, at)], f"leader c{i}")
        scene.text(right + 17, at + 4, name[:longest], f"name c{i}")
