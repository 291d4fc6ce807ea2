"""The Python API: one function an audit, made from the audit's own options.

Names, defaults and help are written once, in the audit's ``Options``; the command line's flags
and a config's keys are made from the same place, so the three cannot drift apart.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, get_type_hints

from mmaudit import parts
from mmaudit.options import make
from mmaudit.runs.folder import Run
from mmaudit.runs.run import audit
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.dataset import open as open_dataset

ACCESS = {
    "out": ("run directory; a temporary one where there is none", str | Path | None, None),
    "trust": ("open model files that can run code", bool, False),
    "sha256": ("digest that the model file must have", str | None, None),
    "quiet": ("say nothing on stderr", bool, False),
}


def load(path: str | Path) -> Dataset:
    """Open a dataset: a manifest, or a data path from which one is inferred."""
    return open_dataset(path)


def function(name: str) -> Callable[..., Run]:
    """The function of one audit, ``(dataset, model, *, options …) -> Run``."""
    options_type = parts.load("audits", name).Options

    def run(dataset: str | Path | Dataset, model: object | None = None, **given: Any) -> Run:
        access = {key: given.pop(key, default) for key, (_, _, default) in ACCESS.items()}
        return audit(name, dataset, model, make(options_type, given, beside=ACCESS), **access)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = _doc(name, options_type)
    run.__signature__ = _signature(options_type)  # type: ignore[attr-defined]
    run.__annotations__ = {p: q.annotation for p, q in _signature(options_type).parameters.items()}
    return run


def _signature(options_type: type) -> Signature:
    hints = get_type_hints(options_type)
    given = [
        Parameter(
            f.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if f.default is MISSING else f.default,
            annotation=hints[f.name],
        )
        for f in fields(options_type)
    ]
    access = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, (_, hint, default) in ACCESS.items()
    ]
    first = [
        Parameter("dataset", Parameter.POSITIONAL_OR_KEYWORD, annotation=str | Path | Dataset),
        Parameter("model", Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=object | None),
    ]
    return Signature([*first, *given, *access], return_annotation=Run)


def _doc(name: str, options_type: type) -> str:
    lines = [f"    {f.name}: {f.metadata['help']}." for f in fields(options_type)]
    lines += [f"    {key}: {told}." for key, (told, _, _) in ACCESS.items()]
    return "\n".join(
        [
            parts.summary("audits", name),
            "",
            "Args:",
            "    dataset: a manifest, a data path, or an opened dataset.",
            "    model: ADAPTER:WHERE, or any object with modalities and scores.",
            *lines,
        ]
    )
