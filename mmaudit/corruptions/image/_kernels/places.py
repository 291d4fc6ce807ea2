"""Places: rectangles inside a picture."""

from mmaudit.seeds import Words


def rectangle(
    shape: tuple[int, ...], sides: tuple[float, float], centre: tuple[float, float]
) -> tuple[slice, slice]:
    """A rectangle of at least one pixel that lies in the picture.

    For one centre, a rectangle with larger sides contains one with smaller ones.

    Args:
        shape: Height and width first.
        sides: Height and width of the rectangle, in pixels.
        centre: As shares in [0, 1] of the picture's height and width.
    """
    return _span(shape[0], sides[0], centre[0]), _span(shape[1], sides[1], centre[1])


def _span(size: int, side: float, centre: float) -> slice:
    length = min(size, max(1, round(side)))
    start = min(max(round(centre * size - length / 2), 0), size - length)
    return slice(start, start + length)


def centres(words: Words, count: int) -> list[tuple[float, float]]:
    """Random centres, of which a longer list begins with a shorter one."""
    drawn = words.uniforms(2 * count).reshape(count, 2)
    return [(float(y), float(x)) for y, x in drawn]
