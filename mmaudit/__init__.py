"""Audit multimodal datasets, and the models trained on them, under low-quality data."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmaudit.runs.api import load as load

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The Python API, imported when it is first used: ``import mmaudit`` stays cheap."""
    if name == "load":
        from mmaudit.runs import api

        return api.load
    from mmaudit.parts import names  # `from mmaudit import parts` would ask this function again

    if name in names("audits"):
        from mmaudit.runs import api

        return api.function(name)
    raise AttributeError(f"module 'mmaudit' has no attribute {name!r}")
