"""Models in files that take arrays by name and return one array: what is what, and the calls.

The names of the inputs are the modalities, and the order of the inputs is their order. Values are
cast to the input's number type, pictures are prepared as options say, and all else is handed over
as it is: tokenising belongs in the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mmaudit.errors import InputError, UsageError
from mmaudit.models.base import Batch, Output, Present, Request, Values
from mmaudit.models.batches import by_shape, length, take, take_present
from mmaudit.models.describe import OUTPUTS
from mmaudit.models.options import ModelOptions, listed

OWN = ("inputs", "mask")  # options that only files of arrays have
SHAPES = (
    "values of the shape that the file was exported for; of pictures with ,layout=nchw or ,size=224"
)
MASK = "present"  # name of the input that takes the mask, unless the option `mask` gives another
Feeds = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the inputs and the output of a file mean.

    Attributes:
        inputs: Input of each modality, in the order of the modalities.
        mask: Input that takes the mask ``(n, modality)``, or None.
        output: What the answer is.
        classes: Class names, or None.
    """

    inputs: Mapping[str, str]
    mask: str | None
    output: Output
    classes: tuple[str, ...] | None


def signature(
    request: Request,
    options: ModelOptions,
    names: tuple[str, ...],
    *,
    output: str = "",
    width: int | None = None,
) -> Signature:
    """Work out what the inputs and the output of a file mean.

    Args:
        request: Its options ``inputs=modality:input,…`` and ``mask`` say what inputs are.
        options: What is said of the answer.
        names: The inputs of the file, in its order.
        output: Name of the file's output; ``logits`` or ``probabilities`` say what it is.
        width: How many numbers the file answers with for a sample, where it says so.

    Raises:
        UsageError: Something is not said, or an input is named that is not there.
    """
    mask = request.options.get("mask", MASK if MASK in names else None)
    rest = tuple(name for name in names if name != mask)
    own = request.options.get("inputs")
    pairs = listed(own) if own is not None else tuple(f"{n}:{n}" for n in rest)
    inputs = {modality: name for modality, _, name in (pair.partition(":") for pair in pairs)}
    if set(inputs.values()) != set(rest) or (mask is not None and mask not in names):
        raise UsageError(
            f"the inputs of the file are {', '.join(names)}",
            where=request.spec,
            fix="inputs=MODALITY:INPUT,… with each of them once, and mask=INPUT for the mask",
        )
    kind = options.output or output
    if kind not in OUTPUTS:
        raise UsageError(
            "the file does not say what its output is",
            where=request.spec,
            fix=f"add ,output= and one of {', '.join(OUTPUTS)}",
        )
    return Signature(
        inputs=inputs,
        mask=mask,
        output=cast("Output", kind),
        classes=_classes(kind, options.classes, width, request.spec),
    )


def _classes(
    kind: str, names: tuple[str, ...] | None, width: int | None, spec: str
) -> tuple[str, ...] | None:
    if kind in {"values", "embeddings"}:
        return None
    if names is not None and width not in {None, len(names)}:
        raise UsageError(
            f"classes names {len(names)}, and the file answers with {width} numbers",
            where=spec,
            fix="name all of them, in the order of its columns",
        )
    if names is not None:
        return names
    if width is None:
        raise UsageError(
            "the file does not say how many classes it has", where=spec, fix="add ,classes=a,b,…"
        )
    return tuple(str(i) for i in range(width))


@dataclass(frozen=True, kw_only=True)
class TensorModel:
    """A model that is a function of named arrays.

    Attributes:
        signature: What the inputs and the output mean.
        run: Arrays by input to the answer; the first axis of all is the sample.
        types: Number type of each input, where the file says it.
        least: Smallest batch it takes; smaller ones are padded with copies of their last sample.
        most: Largest batch it takes, or None; larger ones are cut.
        device: Where it runs.
        spec: For messages.
    """

    signature: Signature
    run: Callable[[Feeds], NDArray[np.generic]]
    types: Mapping[str, np.dtype[np.generic]] = field(default_factory=dict)
    least: int = 1
    most: int | None = None
    device: str = "cpu"
    spec: str = ""

    @property
    def modalities(self) -> tuple[str, ...]:
        """The inputs, by the names of the modalities."""
        return tuple(self.signature.inputs)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Class names, or None."""
        return self.signature.classes

    @property
    def output(self) -> Output:
        """What the answer is."""
        return self.signature.output

    @property
    def accepts_missing(self) -> bool:
        """Whether the file takes the mask."""
        return self.signature.mask is not None

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answers; samples whose values have different shapes are asked in groups."""
        n = length(batch)
        out: NDArray[np.float32] | None = None
        for group in by_shape(batch):
            for start in range(0, group.size, self.most or max(1, group.size)):
                rows = group[start : start + (self.most or group.size)]
                got = self._ask(batch, present, rows)
                out = np.zeros((n, *got.shape[1:]), np.float32) if out is None else out
                out[rows] = got
        if out is None:
            raise ValueError("a batch has at least one sample")
        return out

    def _ask(self, batch: Batch, present: Present, rows: NDArray[np.int64]) -> NDArray[np.generic]:
        short = max(0, self.least - rows.size)
        padded = np.concatenate([rows, np.repeat(rows[-1:], short)])
        some = take(batch, padded)
        feeds = {
            name: self._array(some[modality], name, modality)
            for modality, name in self.signature.inputs.items()
        }
        if self.signature.mask is not None:
            there = take_present(present, padded)
            mask = np.stack([there[m] for m in self.modalities], axis=1)
            feeds[self.signature.mask] = mask.astype(
                self.types.get(self.signature.mask, mask.dtype)
            )
        answer = self.run(feeds)
        if answer.shape[:1] != (padded.size,):
            raise InputError(
                f"the file answered with shape {answer.shape} about {padded.size} samples",
                where=self.spec,
                fix="a file whose first axis is the sample, exported with a dynamic batch",
            )
        return answer[: rows.size]

    def _array(self, values: Values, name: str, modality: str) -> NDArray[np.generic]:
        wanted = self.types.get(name)
        text = bool(len(values)) and isinstance(values[0], str)
        if text != (wanted is not None and wanted.kind == "O"):
            raise InputError(
                f"the input {name!r} takes {wanted or 'numbers'}, and the values of {modality!r} "
                f"are {'text' if text else 'numbers'}",
                where=self.spec,
                fix="a model in Python (python:model.py:factory) that prepares the values",
            )
        array = np.asarray(list(values), object) if text else np.stack(list(values))
        return array if wanted is None else array.astype(wanted, copy=False)
