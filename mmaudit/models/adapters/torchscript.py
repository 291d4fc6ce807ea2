"""A TorchScript file; deprecated by torch, read for models that are saved that way already."""

import warnings
from pathlib import Path

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
from mmaudit.parsing.base import refusing


def danger(request: Request) -> str:
    """Always: a TorchScript file is a program."""
    del request
    return "a TorchScript file is a program, and opening it can run code"


def file(request: Request) -> Path:
    """The file itself."""
    return Path(request.where)


def load(request: Request) -> Model:
    """Load a module and put it into evaluation mode.

    Arguments of its ``forward`` are the modalities by name, ``present`` takes the mask. The options
    ``output`` and ``classes`` say what the answer is.

    Raises:
        UsageError: The options do not say what its arguments and answer are.
        InputError: It is not a TorchScript file.
    """
    said = ModelOptions.of(request, OWN)
    device = torch_device(request.device)
    fix = "a file that torch.jit.save wrote"
    with (
        refusing("this is not a TorchScript file", request.where, fix),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", r"`torch\.jit\.load`", DeprecationWarning)
        module = torch.jit.load(request.where, map_location=device).eval()
    names = tuple(a.name for a in module.forward.schema.arguments[1:])

    def run(feeds: Feeds) -> NDArray[np.generic]:
        try:
            with torch.inference_mode():
                answer = module(*(torch.from_numpy(feeds[name]).to(device) for name in names))
        except RuntimeError as error:
            raise InputError(
                f"the TorchScript module refuses these values: {str(error).splitlines()[-1]}",
                where=request.spec,
                fix=SHAPES,
            ) from error
        one: torch.Tensor = picked(answer, said.output_name, said.output, request.spec)
        return one.float().cpu().numpy()

    model = TensorModel(
        signature=signature(request, said, names), run=run, device=device, spec=request.spec
    )
    return prepared(model, said.of_pictures, request.spec)
