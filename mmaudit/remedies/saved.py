"""A trained method as a file of safetensors, whose header says as JSON what it is.

Numbers and a description, no code: such a file is safe to open. The same training makes the same
bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from mmaudit import parts
from mmaudit.arrays import Vectors
from mmaudit.errors import InputError, MMAuditError
from mmaudit.parsing.documents import from_json
from mmaudit.remedies.base import KIND
from mmaudit.remedies.context import Draws, LaneContext, TrainingSetup
from mmaudit.remedies.data import FeatureSource, Standard
from mmaudit.remedies.fitted import FittedFusion, TrainingFacts
from mmaudit.remedies.layers import Lanes, Parameters

HEADER = "mmaudit"  # the key of the description
FORMAT = 1
FIX = "the file that `mmaudit remedies` wrote"


def to_bytes(fitted: FittedFusion) -> bytes:
    """A trained method as the bytes of its file."""
    c = fitted.context
    header = {
        "format": FORMAT,
        "remedy": fitted.name,
        "task": c.task,
        "modalities": list(c.modalities),
        "widths": dict(c.widths),
        "outputs": c.outputs,
        "classes": None if fitted.classes is None else list(fitted.classes),
        "number": list(fitted.number),
        "sources": {m: asdict(source) for m, source in fitted.sources.items()},
        "setup": asdict(c.setup),
        "facts": asdict(fitted.facts),
    }
    tensors = {f"parameter.{name}": p.contiguous() for name, p in fitted.parameters.items()}
    for m, scale in fitted.scales.items():
        tensors[f"mean.{m}"] = torch.from_numpy(scale.mean)
        tensors[f"deviation.{m}"] = torch.from_numpy(scale.deviation)
    return save_tensors(tensors, {HEADER: json.dumps(header, sort_keys=True)})


def from_bytes(content: bytes, where: str) -> FittedFusion:
    """A trained method from the bytes of its file.

    Args:
        content: The bytes.
        where: What they are of, for a refusal.

    Raises:
        InputError: They are not of such a file, or of another remedy than they say.
        UsageError: They are of a remedy that is not here.
        MissingError: It needs a package that is not installed.
    """
    try:
        tensors = load_tensors(content)
        return _fitted(_header(content), tensors)
    except MMAuditError:
        raise
    except (
        SafetensorError,
        ValueError,
        LookupError,
        TypeError,
        RuntimeError,
        AttributeError,
    ) as error:
        raise InputError(
            f"it is not a trained remedy: {type(error).__name__}: {error}", where=where, fix=FIX
        ) from error


def _header(content: bytes) -> dict[str, Any]:
    """The description in the header, whose length the first eight bytes say."""
    length = int.from_bytes(content[:8], "little")
    header = from_json(content[8 : 8 + length])
    described: dict[str, Any] = from_json(header["__metadata__"][HEADER])
    if described["format"] != FORMAT:
        raise ValueError(f"its format is {described['format']}, and {FORMAT} is known here")
    return described


def _fitted(header: Mapping[str, Any], tensors: Mapping[str, Lanes]) -> FittedFusion:
    part: Any = parts.load(KIND, str(header["remedy"]))
    modalities = tuple(map(str, header["modalities"]))
    facts = TrainingFacts(**header["facts"])
    settings = tuple((float(rate), float(smooth)) for rate, smooth in header["setup"]["settings"])
    setup = TrainingSetup(**{**header["setup"], "settings": settings})
    sources = {m: FeatureSource(**header["sources"][m]) for m in modalities}
    context = LaneContext(
        modalities=modalities,
        widths={m: int(header["widths"][m]) for m in modalities},
        steps={m: int(source.steps) for m, source in sources.items()},
        outputs=int(header["outputs"]),
        task=str(header["task"]),
        setup=setup,
        options={name: torch.tensor([float(value)]) for name, value in facts.point.items()},
        draws=Draws([facts.seed], torch.tensor([0])),
    )
    classes = None if header["classes"] is None else tuple(map(str, header["classes"]))
    if context.outputs != (1 if classes is None else len(classes)):
        raise ValueError(f"it answers with {context.outputs} numbers for {classes}")
    for m, steps in context.steps.items():
        if steps < 1 or context.widths[m] % steps:
            raise ValueError(f"{context.widths[m]} features of {m!r} are not of {steps} steps")
    method = part.METHOD()
    parameters: Parameters = {
        name.removeprefix("parameter."): tensor
        for name, tensor in tensors.items()
        if name.startswith("parameter.")
    }
    _check(method.shapes(context), parameters)
    return FittedFusion(
        name=str(header["remedy"]),
        method=method,
        parameters=parameters,
        context=context,
        scales={
            m: Standard(
                _numbers(tensors[f"mean.{m}"], context.widths[m]),
                _numbers(tensors[f"deviation.{m}"], context.widths[m]),
            )
            for m in modalities
        },
        sources=sources,
        classes=classes,
        number=(float(header["number"][0]), float(header["number"][1])),
        facts=facts,
    )


def _check(shapes: Mapping[str, tuple[int, ...]], parameters: Parameters) -> None:
    """Refuse parameters of other shapes than the method has."""
    for name, shape in shapes.items():
        if tuple(parameters[name].shape) != (1, *shape):
            raise ValueError(f"{name} has the shape {tuple(parameters[name].shape)}")


def _numbers(tensor: Lanes, width: int) -> Vectors:
    if tuple(tensor.shape) != (width,):
        raise ValueError(f"a scale has the shape {tuple(tensor.shape)}")
    return np.asarray(tensor.numpy(), np.float32)
