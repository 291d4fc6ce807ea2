"""Names: values as the texts by which they are called."""


def name(value: object) -> str:
    """A class, id or group as text: ``True`` is ``true``, ``3.0`` is ``3``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
