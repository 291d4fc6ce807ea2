"""Writing code points into a buffer that may prove too small: what does not fit is counted."""

from numba import njit


@njit(nogil=True)
def put(code, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write one code point, if there is room, and return the next place."""
    if o < out.size:
        out[o] = code
    return o + 1


@njit(inline="always")
def copy(source, begin, end, out, o):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write a stretch of code points and return the next place."""
    length = end - begin
    if o + length <= out.size:
        for j in range(length):
            out[o + j] = source[begin + j]
    return o + length
