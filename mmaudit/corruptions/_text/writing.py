"""Writing code points into a buffer that may prove too small: what does not fit is counted."""

from numba import njit


@njit(inline="always")
def put(code, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one code point, if there is room, and return the next place."""
    if o < out.size:
        out[o] = code
    return o + 1


@njit(inline="always")
def copy(source, begin, end, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write a stretch of code points and return the next place."""
    for j in range(begin, end):
        o = put(source[j], out, o)
    return o


@njit(inline="always")
def ended(cell):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Length of a stretch that ends with a zero."""
    length = 0
    while cell[length]:
        length += 1
    return length
