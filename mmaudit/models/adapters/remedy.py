"""A method that `mmaudit remedies` trained: a file of safetensors, whose header says what it is.

It holds numbers and a description and no code. What is absent is the method's own business. Where
its features are an encoder's, that is opened with it, as something that the file names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Scores, Vectors
from mmaudit.errors import InputError, MissingError
from mmaudit.models.access import Access
from mmaudit.models.base import Batch, Model, Output, Present, Request, Values
from mmaudit.models.device import only_cpu
from mmaudit.models.encoding import encode, tower
from mmaudit.models.load import Loaded
from mmaudit.models.options import ModelOptions
from mmaudit.models.plain_features import features
from mmaudit.remedies.data import PLAIN, FeatureSource
from mmaudit.remedies.fitted import FittedFusion
from mmaudit.remedies.method import Evidential, Trusting
from mmaudit.remedies.saved import from_bytes

PACKAGES = {
    "torch": "pip install 'mmaudit[torch]'",
    "safetensors": "pip install 'mmaudit[torch]'",
}
LIBRARIES = ("torch", "safetensors")
LARGEST = 2**31  # bytes of a file


def danger(request: Request) -> str:
    """Such a file runs nothing."""
    del request
    return ""


def file(request: Request) -> Path:
    """The file itself."""
    return Path(request.where)


def load(request: Request) -> Model:
    """Open a trained method.

    Raises:
        MissingError: There is no such file, or an encoder of its features is not here.
        InputError: It is not of a trained method, or an encoder is another one than it was.
        UsageError: An encoder can run code, and is not trusted.
    """
    ModelOptions.of(request, set(), {})
    only_cpu(request.device, "a trained method")
    path = Path(request.where)
    if not path.is_file():
        raise MissingError("there is no such model file", where=str(path), fix="check the path")
    if path.stat().st_size > LARGEST:
        raise InputError("it is too large to be a trained method", where=str(path), fix="another")
    fitted = from_bytes(path.read_bytes(), str(path))
    return model_of(fitted, _encoders(fitted, request, path))


def model_of(fitted: FittedFusion, encoders: Mapping[str, Loaded]) -> "FusionModel":
    """A trained method as a model, which has weights or evidence where the method has."""
    if isinstance(fitted.method, Evidential):
        return EvidentialModel(fitted, encoders)
    weighs = isinstance(fitted.method, Trusting)
    return (WeighingModel if weighs else FusionModel)(fitted, encoders)


def _encoders(fitted: FittedFusion, request: Request, path: Path) -> dict[str, Loaded]:
    """The encoder of each modality whose features are one's; each is opened once."""
    opened: dict[tuple[str, str], Loaded] = {}
    out = {}
    for m, source in fitted.sources.items():
        if source.maker == PLAIN:
            continue
        key = (source.maker, source.digest)
        if key not in opened:
            opened[key] = _opened(source, m, request, path)
        out[m] = opened[key]
    return out


def _opened(source: FeatureSource, modality: str, request: Request, path: Path) -> Loaded:
    access = Access(
        named_by=str(path),
        trust=request.trust,
        device=request.device,
        sha256=source.digest or None,
        origins=request.origins,
    )
    try:
        return tower(source.maker, source.input, access)
    except (MissingError, InputError) as error:
        raise type(error)(
            f"it takes features of {modality!r} from {source.maker}, and: {error.what}",
            where=str(path),
            fix="bring that encoder to where it was, seen from this folder",
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class FusionModel:
    """A trained method that takes values as a dataset has them.

    Attributes:
        fitted: The method.
        encoders: The encoder of each modality whose features are one's.
    """

    fitted: FittedFusion
    encoders: Mapping[str, Loaded]
    accepts_missing = True

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities that it was trained on."""
        return self.fitted.context.modalities

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes; None where it answers with numbers."""
        return self.fitted.classes

    @property
    def output(self) -> Output:
        """What it answers with."""
        return "values" if self.fitted.classes is None else "probabilities"

    def scores(self, batch: Batch, present: Present) -> NDArray[np.float32]:
        """Answers, as `mmaudit.models.base.Model.scores`."""
        return self.fuse(self.encoded(batch), present)

    def encoded(self, batch: Batch) -> dict[str, Vectors]:
        """Encode every modality of ``n`` samples, ``(n, d)`` each."""
        return {m: self.encode(m, batch[m]) for m in self.modalities}

    def encode(self, modality: str, values: Values) -> Vectors:
        """Encode ``n`` values of one modality, ``(n, d)``."""
        computed = self._features(modality, values).reshape(len(values), -1)
        width, here = self.fitted.context.widths[modality], computed.shape[1]
        if here != width:
            raise InputError(
                f"its features of {modality!r} are {width} numbers, and these are {here}",
                fix="values of the shape that it was trained on",
            )
        return self.fitted.encode(modality, np.nan_to_num(computed))

    def _features(self, modality: str, values: Values) -> Vectors:
        source = self.fitted.sources[modality]
        if modality not in self.encoders:
            return features(source.kind, values)
        return np.asarray(encode(self.encoders[modality], source.input, values), np.float32)

    def fuse(self, features: Mapping[str, Vectors], present: Mapping[str, Bools]) -> Scores:
        """Answer from encoded modalities, as `scores` would."""
        return self.fitted.fuse(features, present).astype(np.float32)


class WeighingModel(FusionModel):
    """A trained method that says how far it trusts each modality."""

    def weights(self, batch: Batch, present: Present) -> Floats | None:
        """Weight of each modality, as `mmaudit.models.base.Model.weights`."""
        return self.fitted.trust(self.encoded(batch), present)


class EvidentialModel(FusionModel):
    """A trained method that says what each modality speaks for."""

    def evidence(self, batch: Batch, present: Present) -> dict[str, Floats]:
        """Evidence of each modality for each class, ``(n, class)``, 0 or more."""
        said = self.fitted.evidence(self.encoded(batch), present)
        if said is None:
            return {}
        return {m: said[:, k] for k, m in enumerate(self.modalities)}
