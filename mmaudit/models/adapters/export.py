"""A torch.export file (.pt2); it is read with pickle, so only from people you trust."""

from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import torch
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.models.base import Model, Request
from mmaudit.models.calls.prepared import prepared
from mmaudit.models.device import torch_device
from mmaudit.models.options import ModelOptions
from mmaudit.models.outputs import picked
from mmaudit.models.tensors import OWN, SHAPES, Feeds, TensorModel, signature
from mmaudit.parsing import archives
from mmaudit.parsing.base import refusing


def danger(request: Request) -> str:
    """Always: torch falls back to a full unpickle when a part of the archive asks for it."""
    del request
    return "a .pt2 file is read with pickle, which runs code when it is opened"


def file(request: Request) -> Path:
    """The file itself."""
    return Path(request.where)


def load(request: Request) -> Model:
    """Load an exported program.

    Its inputs are the modalities by name, ``present`` takes the mask. The options ``output`` and
    ``classes`` say what the answer is; without ``classes`` they are the numbers of its columns.
    Batches outside the range that it was exported for are cut, or padded with copies of their last
    sample. An exported program has the mode that it was exported in: export in evaluation mode.

    Raises:
        UsageError: The options do not say what its inputs and answer are.
        InputError: It is not such a file.
    """
    said = ModelOptions.of(request, OWN)
    device = torch_device(request.device)
    program = _open(request)
    module = program.module().to(device)
    values = _values(program)
    names = tuple(values)
    least, most = _range(program, values)

    def run(feeds: Feeds) -> NDArray[np.generic]:
        tensors = {name: torch.from_numpy(feeds[name]).to(device) for name in names}
        args, kwargs = _arguments(program, tensors)
        try:
            with torch.inference_mode():
                answer = module(*args, **kwargs)
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                f"the exported program refuses these values: {str(error).splitlines()[0]}",
                where=request.spec,
                fix=SHAPES,
            ) from error
        one: torch.Tensor = picked(answer, said.output_name, said.output, request.spec)
        return one.float().cpu().numpy()

    model = TensorModel(
        signature=signature(request, said, names, width=_width(program)),
        run=run,
        types={name: np.dtype(str(v.dtype).removeprefix("torch.")) for name, v in values.items()},
        least=least,
        most=most,
        device=device,
        spec=request.spec,
    )
    return prepared(model, said.of_pictures, request.spec)


def _open(request: Request) -> torch.export.ExportedProgram:
    if not is_zipfile(request.where):
        raise InputError(
            "this is not a torch.export file", where=request.where, fix="torch.export.save(program)"
        )
    archives.check(request.where)
    fix = "export it again with the torch that is installed here"
    with refusing("torch cannot load this file", request.where, fix):
        return torch.export.load(request.where)


def _values(program: Any) -> dict[str, Any]:
    """The example value of each input, in the order of the call, by the name in the call."""
    users = program.graph_signature.user_inputs
    nodes = {n.name: n.meta["val"] for n in program.graph.nodes if n.op == "placeholder"}
    keyed = _keyed(program)
    names = [*users[: len(users) - len(keyed)], *keyed]
    return {name: nodes[user] for name, user in zip(names, users, strict=True)}


def _keyed(program: Any) -> list[str]:
    """The inputs that the program takes by name; they come after those by position."""
    by_name = program.module_call_graph[0].signature.in_spec.child(1)
    return list(by_name.context) if by_name.num_leaves else []


def _arguments(
    program: Any, tensors: dict[str, torch.Tensor]
) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
    """The tensors as positional and named arguments, as the program was exported."""
    keyed = _keyed(program)
    return [t for n, t in tensors.items() if n not in keyed], {n: tensors[n] for n in keyed}


def _range(program: Any, values: dict[str, Any]) -> tuple[int, int | None]:
    """Smallest and largest batch; equal where the program is fixed to one."""
    least, most = 1, None
    for value in values.values():
        size = value.shape[0]
        if isinstance(size, int):
            return size, size
        span = program.range_constraints.get(size.node.expr)
        if span is not None:
            least = max(least, int(span.lower))
            top = int(span.upper) if span.upper.is_Integer else None
            most = min(t for t in (most, top) if t is not None) if top or most else None
    return least, most


def _width(program: Any) -> int | None:
    """How many numbers the answer has, where it is one table."""
    name, *others = program.graph_signature.user_outputs
    if others:
        return None
    shape = next(n.meta["val"].shape for n in program.graph.nodes if n.name == name)
    return int(shape[1]) if len(shape) == 2 and isinstance(shape[1], int) else None
