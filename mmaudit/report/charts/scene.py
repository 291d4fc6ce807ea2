"""The pencil: shapes with rounded coordinates, scales and ticks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from mmaudit.report.blocks import Mark

NO_KIND = ("attack/", "worst/")  # folders of what is done, where that is to no kind of data
Point = tuple[float, float]
Axis = Callable[[float], float]  # from a number to pixels


def points(value: float) -> str:
    """A coordinate to a tenth of a pixel, without a trailing zero: small files, equal bytes."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(slots=True)
class Scene:
    """Collects the shapes of one chart."""

    marks: list[Mark] = field(default_factory=list)

    def path(
        self, line: Sequence[Point], look: str, *, closed: bool = False, tip: str = ""
    ) -> None:
        """A line through points, or an area."""
        d = "M" + "L".join(f"{points(x)},{points(y)}" for x, y in line) + ("Z" if closed else "")
        # digits of our own: what is cut in texts of the data must not cut a line
        self.marks.append(Mark("path", {"d": Markup(d)}, look, tip=tip))  # noqa: S704

    def upright(
        self, steps: Sequence[float], x: Axis, top: float, bottom: float, below: float = 16
    ) -> None:
        """Lines at the ticks of a lying axis, that of zero stronger, and their numbers below."""
        for step in steps:
            self.path([(x(step), top), (x(step), bottom)], "zero" if step == 0 else "grid")
            self.text(x(step), bottom + below, tick(step), "label middle")

    def rect(self, x: float, y: float, w: float, h: float, look: str, *, tip: str = "") -> None:
        """A filled box."""
        at = {"x": points(x), "y": points(y), "width": points(w), "height": points(h)}
        self.marks.append(Mark("rect", at, look, tip=tip))

    def circle(self, x: float, y: float, r: float, look: str, *, tip: str = "") -> None:
        """A dot."""
        at = {"cx": points(x), "cy": points(y), "r": points(r)}
        self.marks.append(Mark("circle", at, look, tip=tip))

    def text(self, x: float, y: float, text: str, look: str = "label") -> None:
        """Letters; ``end`` and ``middle`` in the look say how they are aligned."""
        self.marks.append(Mark("text", {"x": points(x), "y": points(y)}, look, text=text))


def scale(low: float, high: float, start: float, end: float) -> Axis:
    """A linear scale from numbers to pixels."""
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers that cover a range."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(m * power for m in (1, 2, 2.5, 5, 10, 20) if span / (m * power) <= most)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def short(name: str) -> str:
    """A part's name for an axis: ``image/motion_blur`` is ``motion blur``; joined parts stay so.

    What is done to no kind of data keeps its folder: ``attack/pgd`` is ``attack pgd``.
    """
    parts = (p.replace("/", " ") if p.startswith(NO_KIND) else p for p in name.split("+"))
    return " + ".join(part.rpartition("/")[2].replace("_", " ") for part in parts)


def tick(value: float) -> str:
    """A number on an axis."""
    return f"{value:.6g}"
