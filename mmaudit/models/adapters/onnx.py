"""An ONNX file, run by ONNX Runtime; the format for models that others made."""

import json
import os
import re
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from mmaudit.errors import InputError, MissingError
from mmaudit.models.base import Model, Request
from mmaudit.models.calls.prepared import prepared
from mmaudit.models.device import valid
from mmaudit.models.options import ModelOptions
from mmaudit.models.outputs import selected
from mmaudit.models.tensors import OWN, SHAPES, Feeds, TensorModel, signature
from mmaudit.parsing.base import Parsing, refusing

CUDA = "CUDAExecutionProvider"
TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(string)": "object",
    "tensor(bool)": "bool",
} | {f"tensor({s}int{b})": f"{s}int{b}" for s in ("", "u") for b in (8, 16, 32, 64)}
LIBRARIES = ("onnxruntime",)
LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])([^\0]{1,127})")  # of weights elsewhere
METADATA = "mmaudit."  # keys of the file's metadata that speak to us: mmaudit.classes, …


def danger(request: Request) -> str:
    """An ONNX file holds no code but the operators of the runtime; none are registered here."""
    del request
    return ""


def file(request: Request) -> Path:
    """The file itself; weights in a second file beside it are covered by `further` alone."""
    return Path(request.where)


def further(request: Request) -> Iterator[Path]:
    """The files beside it that it has weights in."""
    path = Path(request.where)
    with path.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as content:
        names = {bytes(m[2])[: m[1][0]] for m in LOCATION.finditer(content)}
    yield from (p for p in (path.parent / os.fsdecode(n) for n in sorted(names)) if p.is_file())


class _Value(NamedTuple):
    """What the file says of an input or output."""

    name: str
    type: str
    shape: list[int | str | None]

    @classmethod
    def of(cls, one: Any) -> "_Value":
        """Read it at once: names that are no UTF-8 show themselves when they are asked for."""
        return cls(one.name, one.type, one.shape)


def load(request: Request) -> Model:
    """Open a session.

    Inputs are the modalities by name, ``present`` takes the mask. The output is what its name says
    (``logits``, ``probabilities``, …), or the metadata ``mmaudit.output`` of the file, or the
    option ``output``. With several outputs it is the one that the option ``output_name`` names, or
    that is called as what is asked for. Classes are the metadata ``mmaudit.classes`` (a JSON list),
    the option ``classes``, or the numbers of the columns. A file with a fixed batch is asked in
    batches of that size, the last one padded.

    Raises:
        UsageError: The file does not say what its inputs and output are.
        InputError: It is not an ONNX model, or its inputs have different fixed batches.
        MissingError: ``cuda`` was asked for and this ONNX Runtime has none.
    """
    device = _device(request.device)
    providers = ([CUDA] if device == "cuda" else []) + ["CPUExecutionProvider"]
    options = ort.SessionOptions()
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    with refusing(
        "this is not an ONNX model that can run here",
        request.where,
        "check it with onnx.checker.check_model",
    ):
        session = ort.InferenceSession(request.where, options, providers=providers)
        inputs = [_Value.of(one) for one in session.get_inputs()]
        outputs = [_Value.of(one) for one in session.get_outputs()]
        meta = session.get_modelmeta().custom_metadata_map
    stated = {k.removeprefix(METADATA): v for k, v in meta.items() if k.startswith(METADATA)}
    said = ModelOptions.of(request, OWN, defaults=stated)
    answer = _answer(outputs, said, request.spec)
    fixed = _fixed(inputs, request)
    width = answer.shape[-1] if len(answer.shape) == 2 else None

    def refused(why: str) -> InputError:
        return InputError(
            f"the ONNX model refuses these values: {why}", where=request.spec, fix=SHAPES
        )

    def run(feeds: Feeds) -> NDArray[np.generic]:
        with Parsing(refused):
            return session.run([answer.name], feeds)[0]

    model = TensorModel(
        signature=signature(
            request,
            said,
            tuple(i.name for i in inputs),
            output=answer.name,
            width=width if isinstance(width, int) else None,
        ),
        run=run,
        types={i.name: np.dtype(TYPES[i.type]) for i in inputs if i.type in TYPES},
        least=fixed or 1,
        most=fixed,
        device=device,
        spec=request.spec,
    )
    return prepared(model, said.of_pictures, request.spec)


def _answer(outputs: list[_Value], said: ModelOptions, spec: str) -> _Value:
    """The output that is the answer."""
    names = [one.name for one in outputs]
    answer = outputs[names.index(selected(names, said.output_name, said.output, spec))]
    if not answer.type.startswith("tensor("):
        raise InputError(
            f"the output {answer.name!r} is no tensor but {answer.type}, as ZipMap makes it",
            where=spec,
            fix="export without it: to_onnx(model, x, options={'zipmap': False})",
        )
    return answer


def _device(device: str) -> str:
    has = CUDA in ort.get_available_providers()
    if valid(device) == "cuda" and not has:
        raise MissingError("this ONNX Runtime has no CUDA", fix="pip install onnxruntime-gpu")
    return "cuda" if has and device != "cpu" else "cpu"


def _fixed(inputs: list[_Value], request: Request) -> int | None:
    """The batch that the file is fixed to, or None."""
    sizes = {i.shape[0] for i in inputs if i.shape and isinstance(i.shape[0], int)}
    if len(sizes) > 1:
        raise InputError(
            f"the inputs have different fixed batches: {json.dumps(sorted(sizes))}",
            where=request.where,
            fix="export with a dynamic batch",
        )
    return sizes.pop() if sizes else None
