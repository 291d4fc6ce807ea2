"""Numbers that are written as text."""


def number(value: object) -> float:
    """A number, or a text that is one; ``10_0`` is a code and no number.

    Raises:
        ValueError: It is a text, and no number.
        TypeError: It is neither.

    Example:
        >>> number("1e3"), number(7)
        (1000.0, 7.0)
        >>> number("10_0")
        Traceback (most recent call last):
        ValueError: '10_0' is no number
    """
    if isinstance(value, str) and "_" in value:  # which Python reads as if it were not there
        raise ValueError(f"{value!r} is no number")
    return float(value)  # type: ignore[arg-type]
