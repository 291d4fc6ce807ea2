"""Audit multimodal datasets, and the models trained on them, under low-quality data."""

from importlib import import_module
from pkgutil import resolve_name
from typing import Any

from mmaudit.version import VERSION

__version__ = VERSION

# where each public name is defined; it is imported when it is first used, so that
# `import mmaudit` stays cheap. The audits are public too, each by its own name.
HOMES = {
    "Corrupted": "mmaudit.injection.torch_dataset:Corrupted",
    "Dataset": "mmaudit.samples.dataset:Dataset",
    "Estimate": "mmaudit.rows:Estimate",
    "IncompleteError": "mmaudit.errors:IncompleteError",
    "InputError": "mmaudit.errors:InputError",
    "MMAuditError": "mmaudit.errors:MMAuditError",
    "MissingError": "mmaudit.errors:MissingError",
    "Run": "mmaudit.runs.folder:Run",
    "UsageError": "mmaudit.errors:UsageError",
    "baseline": "mmaudit.runs.baselines:baseline",
    "corrupt": "mmaudit.runs.corrupt:corrupt",
    "corrupt_value": "mmaudit.injection.values:corrupt_value",
    "demo": "mmaudit.demo.run:demo",
    "diff": "mmaudit.runs.diff:diff",
    "doctor": "mmaudit.models.doctor:findings",
    "gate": "mmaudit.runs.gate:gate",
    "history": "mmaudit.runs.history.history:history",
    "init": "mmaudit.manifest.write:write",
    "list_parts": "mmaudit.runs.listing:list_parts",
    "load": "mmaudit.runs.api:load",
    "merge": "mmaudit.runs.shards.merge:merge",
    "report": "mmaudit.runs.report:report",
    "run": "mmaudit.runs.config:run_config",
    "training_plan": "mmaudit.audits.contributions.training.replan:training_plan",
}

# A folder that is imported becomes an attribute of its package, once. Four functions have the
# name of one, so these folders are imported now, and their names given to the functions.
for _folder in ("demo", "gate", "remedies", "report"):
    import_module(f"{__name__}.{_folder}")
    del globals()[_folder]


def __getattr__(name: str) -> Any:
    """A public name, on its first use; typed in ``__init__.pyi``."""
    if name in HOMES:
        value = resolve_name(HOMES[name])
    else:
        from mmaudit.parts import names  # `from mmaudit import parts` would ask this function again

        if name == "__all__":
            value = sorted({*HOMES, *names("audits"), "__version__"})
        elif name in names("audits"):
            value = resolve_name("mmaudit.runs.api:function")(name)
        else:
            raise AttributeError(f"module 'mmaudit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What completion offers."""
    return list(__getattr__("__all__"))
