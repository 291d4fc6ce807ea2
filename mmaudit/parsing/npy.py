"""NumPy files: an array that is as large as its file, never as large as its header says."""

import io
import math
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def from_bytes(data: bytes) -> NDArray[Any]:
    """The array of a ``.npy`` file.

    Raises:
        ValueError: It is none, holds objects, or is cut off.
    """
    shape, column_first, dtype, start = _header(io.BytesIO(data), len(data))
    flat = np.frombuffer(data, dtype, math.prod(shape), start)
    return flat.reshape(shape[::-1]).T if column_first else flat.reshape(shape)


def to_bytes(array: NDArray[Any]) -> bytes:
    """An array as a ``.npy`` file, which holds no objects."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def mapped(path: str | Path) -> NDArray[Any]:
    """The array in a ``.npy`` file, read as it is looked at.

    Raises:
        ValueError: It is none, holds objects, or is cut off.
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        shape, *_ = _header(file, Path(path).stat().st_size)
    if not math.prod(shape):  # nothing cannot be mapped
        return from_bytes(Path(path).read_bytes())
    return np.lib.format.open_memmap(path, mode="r")


def _header(file: IO[bytes], size: int) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether columns come first, type, and where the numbers begin."""
    try:
        version = np.lib.format.read_magic(file)
        shape, column_first, dtype = HEADERS[version](file)
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"its header cannot be read: {type(error).__name__}") from error
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not read")
    start = file.tell()
    if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize > size - start:
        raise ValueError(
            f"its header says {dtype} of shape {shape}, and {size - start} bytes follow"
        )
    return shape, column_first, dtype, start
