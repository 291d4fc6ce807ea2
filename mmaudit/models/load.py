"""Load a model by its spec, ``adapter:where``, or take the user's own object.

This is the one door: models, encoders, checkpoints and remedies come in by `load` alone, which
knows who named them. Adapters are loaded here and nowhere else.

Another process that needs the model calls `load` again with the same arguments and gets the same
answers: what travels is the spec, never the model. An object that the user hands over has no spec;
it is shared by threads, or copied by whoever started the process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256 as sha256_of
from types import MappingProxyType

from mmaudit import parts
from mmaudit.errors import InputError, UsageError
from mmaudit.faults import Faults
from mmaudit.models.access import Access
from mmaudit.models.base import Model, ModelInfo, Request
from mmaudit.models.calls.quiet import quiet
from mmaudit.models.calls.timed import Timed
from mmaudit.models.depends import loading
from mmaudit.models.describe import describe
from mmaudit.models.device import valid
from mmaudit.models.digests import digest, verify
from mmaudit.options import ADAPTERS, OPTIONS
from mmaudit.stores import single

KIND = ADAPTERS
OWN = "python object"
ESTIMATORS = "sklearn"  # the adapter of models that have no `scores`
ITS_OWN = "its own"  # device of a model that does not say where it is
PIN = "sha256"  # as an option in the spec


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model and what it says of itself."""

    model: Model
    info: ModelInfo


def load(
    spec: str | object,
    access: Access,
    *,
    options: Mapping[str, str] = MappingProxyType({}),
) -> Loaded:
    """Load a model.

    Args:
        spec: ``adapter:where``, with options as ``adapter:where,key=value,…``; or any object with
            ``modalities``, ``classes`` and ``scores``, or a fitted estimator of scikit-learn.
        access: Who named it, and whether a file that can run code may be opened; a digest that its
            file must have is checked before anything reads the file. The user's own object is where
            it is, whatever the device.
        options: The adapter's options; those in the spec are added to them.

    Raises:
        UsageError: No such adapter or option, or the file can run code and is not trusted.
        InputError: The file is not the pinned one, or is not a model, or its code failed.
        MissingError: The file, a package or the device is not here.
    """
    valid(access.device)
    if not isinstance(spec, str):
        return _timed(_own(spec, access), access.timeout)
    name, request = _request(spec, access, options)
    pin = _pin(access.sha256, request.options.get(PIN))
    options = {k: v for k, v in request.options.items() if k != PIN}
    request = replace(request, options=options, where=single.local(request.where))
    part = parts.load(KIND, name)
    danger: str = part.danger(request)
    if danger and not access.trust:
        raise UsageError(
            danger, where=access.where(spec), fix=f"--trust, if you trust whoever made {spec!r}"
        )
    file = part.file(request)
    if pin and file is None:
        raise UsageError(f"a model of {name!r} has no file to pin", where=spec, fix="no sha256")
    model_digest = digest(file) if file is not None else sha256_of(spec.encode()).hexdigest()
    if pin:
        verify(model_digest, pin, str(file))
    with loading(file, part, request), Faults.of(spec):
        model = part.load(request)
        info = _info(part, model, spec, model_digest, str(getattr(model, "device", ITS_OWN)))
    loaded = Loaded(model=model, info=info)
    return loaded if hasattr(part, "info") else _timed(loaded, access.timeout)


def runs_code(spec: str) -> bool:
    """Whether a model can run code: where a file names it, it is opened with ``trust`` alone.

    Raises:
        UsageError: There is no such adapter.
    """
    name, request = _request(spec, Access(named_by="a file"), {})
    return bool(parts.load(KIND, name).danger(request))


def load_again(spec: str, access: Access, digest: str) -> Loaded:
    """The model that another process loaded; once a process, however often work comes in.

    Args:
        spec: As `load` takes it.
        access: How it was loaded.
        digest: What it was there.

    Raises:
        InputError: It is another one now, or on this machine.
    """
    loaded = _once(spec, access)
    if loaded.info.digest != digest:
        raise InputError(
            "the file of the model is another one than when the run began, or on this machine",
            where=access.where(spec),
            fix="the same file on every machine, which stays as it is",
        )
    return loaded


@cache
def _once(spec: str, access: Access) -> Loaded:
    return load(spec, access)


def file_digest(info: ModelInfo) -> str:
    """Digest of the file of a loaded model; empty where it has no file to pin."""
    return "" if info.digest == sha256_of(info.spec.encode()).hexdigest() else info.digest


def _timed(loaded: Loaded, seconds: float | None) -> Loaded:
    """The same, with a model that is given up where it does not answer in time."""
    if seconds is None:
        return loaded
    return replace(loaded, model=Timed(loaded.model, Faults.of(loaded.info.spec), seconds))


def _info(part: object, model: object, spec: str, model_digest: str, device: str) -> ModelInfo:
    """What the model says; an adapter whose models are not asked for scores describes its own."""
    own = getattr(part, "info", None)
    if own is not None:
        return own(model, spec=spec, digest=model_digest)
    return describe(model, spec=spec, digest=model_digest, device=device)


def _own(model: object, access: Access) -> Loaded:
    if access.sha256:
        raise UsageError("an object has no file to pin", fix="leave sha256 out")
    kind = type(model)
    name = f"{kind.__module__}.{kind.__qualname__}"
    model_digest = sha256_of(name.encode()).hexdigest()
    with Faults.of(OWN):
        answering = quiet(_answering(model, access), OWN)
        info = describe(answering, spec=OWN, digest=model_digest, device=ITS_OWN)
    return Loaded(model=answering, info=info)


def _answering(model: object, access: Access) -> object:
    """The object, or what an estimator of scikit-learn answers, or a dict of such."""
    fitted = hasattr(model, "predict") and hasattr(model, "get_params")
    if hasattr(model, "scores") or not (fitted or isinstance(model, dict)):
        return model
    request = Request(spec=OWN, where="", device=access.device, origins=access.origins)
    return parts.load(KIND, ESTIMATORS).of(model, request)


def _request(spec: str, access: Access, options: Mapping[str, str]) -> tuple[str, Request]:
    name, colon, rest = spec.partition(":")
    if not colon or not rest:
        names = ", ".join(parts.names(KIND))
        raise UsageError(
            f"{spec!r} is not a model", fix=f"ADAPTER:WHERE, as python:model.py:factory; {names}"
        )
    where, *pairs = re.split(OPTIONS, rest)
    merged = dict(options)
    for pair in pairs:
        key, _, value = pair.partition("=")
        if merged.get(key, value) != value:
            raise UsageError(
                f"the option {key!r} has two values", where=spec, fix=f"{key}={value}, once"
            )
        merged[key] = value
    return name, Request(
        spec=spec,
        where=where,
        device=access.device,
        trust=access.trust,
        from_config=access.from_file,
        options=merged,
        origins=access.origins,
    )


def _pin(argument: str | None, inline: str | None) -> str | None:
    if argument and inline and argument.lower() != inline.lower():
        raise UsageError("two different sha256 are pinned", fix="pin one")
    return argument or inline
