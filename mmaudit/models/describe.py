"""What a model says of itself, checked, from the attributes of any object."""

import inspect
from collections.abc import Sequence
from typing import cast, get_args

from mmaudit.errors import InputError
from mmaudit.models.base import ModelInfo, Output
from mmaudit.names import name as class_name

TAKES = {  # what each method is called with
    "scores": ("batch", "present"),
    "encode": ("modality", "values"),
    "fuse": ("features", "present"),
    "weights": ("batch", "present"),
    "unimodal": ("batch", "present"),
    "gradient": ("batch", "present", "labels"),
}
OUTPUTS: tuple[str, ...] = get_args(Output)


def describe(model: object, *, spec: str, digest: str, device: str) -> ModelInfo:
    """Read ``modalities``, ``classes``, ``output`` and ``accepts_missing`` of a model.

    A model that does not say ``accepts_missing`` is taken not to: its absent values are then
    filled, which is right for any model, while a mask that nobody reads would be wrong unseen.

    Raises:
        InputError: The object is not a model, or says something that cannot be.
    """
    classes = _classes(model, spec)
    output = getattr(model, "output", "values" if classes is None else "probabilities")
    if output not in OUTPUTS:
        raise _wrong(f"its output is {output!r}", f"output = {' or '.join(OUTPUTS)}", spec)
    if classes is None and output not in {"values", "embeddings"}:
        raise _wrong(f"its output is {output} and it names no classes", "classes = (…)", spec)
    if not callable(getattr(model, "scores", None)):
        raise _wrong("it has no method scores", "def scores(self, batch, present)", spec)
    _methods(model, spec)
    return ModelInfo(
        spec=spec,
        digest=digest,
        modalities=_modalities(model, spec),
        classes=classes,
        output=cast("Output", output),
        accepts_missing=bool(getattr(model, "accepts_missing", False)),
        two_stage=_two_stage(model, spec),
        device=device,
    )


def _modalities(model: object, spec: str) -> tuple[str, ...]:
    names = _names(getattr(model, "modalities", None))
    if not names or any(not isinstance(name, str) for name in names):
        raise _wrong("it does not name its modalities", 'modalities = ("image", "text")', spec)
    if len(set(names)) < len(names):
        raise _wrong("it names a modality twice", "modalities with distinct names", spec)
    return tuple(map(str, names))


def _classes(model: object, spec: str) -> tuple[str, ...] | None:
    if getattr(model, "classes", None) is None:
        return None
    names = tuple(map(class_name, _names(model.classes)))  # type: ignore[attr-defined]
    if len(names) < 2 or len(set(names)) < len(names):
        raise _wrong("its classes are not two or more distinct names", "classes = (…)", spec)
    return names


def _names(value: object) -> tuple[object, ...]:
    """The items of a sequence of names; nothing of a lone string or of what is no sequence."""
    if isinstance(value, str):
        return ()
    if isinstance(value, Sequence):
        return tuple(value)
    return tuple(value.tolist()) if hasattr(value, "tolist") else ()


def _two_stage(model: object, spec: str) -> bool:
    has = [callable(getattr(model, name, None)) for name in ("encode", "fuse")]
    if any(has) and not all(has):
        raise _wrong("it has one of encode and fuse without the other", "both, or neither", spec)
    return all(has)


def _methods(model: object, spec: str) -> None:
    """Refuse methods that cannot be called with what they are called with."""
    for name, takes in TAKES.items():
        method = getattr(model, name, None)
        if not callable(method):
            continue
        try:
            inspect.signature(method).bind(*takes)
        except TypeError as error:
            arguments = ", ".join(takes)
            raise _wrong(
                f"its {name} does not take ({arguments}): {error}",
                f"def {name}(self, {arguments})",
                spec,
            ) from error
        except ValueError:  # a compiled function that does not say what it takes
            continue


def _wrong(what: str, fix: str, spec: str) -> InputError:
    return InputError(f"this is not a model: {what}", where=spec, fix=fix)
