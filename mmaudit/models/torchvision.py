"""Make torchvision importable beside a build of torch that its own binary does not fit.

The torchvision of the package registry is built for CUDA. Beside a CPU build of torch its native
library does not load, and importing it, as open_clip does, ends in ``operator torchvision::nms
does not exist``. What is imported here needs none of its operators, so declaring the two that it
registers shapes for is enough. The native library is tried first: where it fits, nothing is faked.

Call `ensure` before the first import of torchvision: an import that failed leaves halves behind.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import torch

State = Literal["absent", "loaded", "native", "stub"]
OPERATORS = ("nms", "qnms")
SHAPE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_KEEP: list[Any] = []  # torch forgets the declarations of a library that is collected

MEANING: dict[State, str] = {
    "absent": "not installed",
    "loaded": "imported already, by other code",
    "native": "its native library fits this torch",
    "stub": "its native library does not fit this torch: transforms work, nms and decoding do not",
}


@cache
def ensure() -> State:
    """Make ``import torchvision`` work, and say how; a second call changes nothing.

    Returns:
        ``native`` where its library fits, ``stub`` where two operators were declared instead,
        ``loaded`` where it was imported before, ``absent`` where it is not installed.
    """
    spec = find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return "absent"
    if "torchvision" in sys.modules:
        return "loaded"
    return load_first(Path(spec.submodule_search_locations[0]), torch.ops.load_library, declare)


def load_first(folder: Path, load: Callable[[str], object], declare: Callable[[], object]) -> State:
    """Load the first native library in a folder that loads; declare operators where none does.

    Args:
        folder: The folder of torchvision.
        load: Loads a library, or raises OSError.
        declare: Declares the operators.
    """
    for library in sorted([*folder.glob("_C*.so"), *folder.glob("_C*.pyd")]):
        try:
            load(str(library))
        except OSError:
            continue
        return "native"
    declare()
    return "stub"


def declare() -> None:
    """Declare the operators that torchvision registers shapes for, without any code for them."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        library.define(name + SHAPE)
    _KEEP.append(library)
