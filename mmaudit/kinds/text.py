"""Text: a string, UTF-8 bytes of a file, or a list of strings."""

from typing import Any

from mmaudit.kinds.base import Undecodable, Usual, content


def decode(cell: Any, usual: Usual) -> str | None:
    """One text; None where absent.

    Raises:
        Undecodable: It is neither text nor UTF-8.
    """
    value = content(cell)
    if isinstance(value, list):
        texts = [t for t in value if t is not None]
        value = (
            (texts[0] if usual.many == "first" else " ".join(map(str, texts))) if texts else None
        )
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Undecodable(f"not UTF-8: {error.reason} at byte {error.start}") from error
    if value is None or isinstance(value, str):
        return value
    raise Undecodable(f"not a text but {type(value).__name__}")


def encode(text: str) -> bytes:
    """The bytes of a text file."""
    return text.encode("utf-8", "surrogatepass")
