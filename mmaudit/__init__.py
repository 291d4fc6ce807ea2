"""Audit multimodal datasets, and the models trained on them, under low-quality data."""

from typing import TYPE_CHECKING, Any

from mmaudit.version import VERSION

if TYPE_CHECKING:
    from mmaudit.injection.torch_dataset import Corrupted as Corrupted
    from mmaudit.injection.values import corrupt_one as corrupt  # noqa: F401  its public name
    from mmaudit.runs.api import load as load

__version__ = VERSION


def __getattr__(name: str) -> Any:
    """The Python API, imported when it is first used: ``import mmaudit`` stays cheap."""
    if name == "load":
        from mmaudit.runs import api

        return api.load
    if name == "corrupt":
        from mmaudit.injection.values import corrupt_one

        return corrupt_one
    if name == "Corrupted":
        from mmaudit.injection.torch_dataset import Corrupted

        return Corrupted
    from mmaudit.parts import names  # `from mmaudit import parts` would ask this function again

    if name in names("audits"):
        from mmaudit.runs import api

        return api.function(name)
    raise AttributeError(f"module 'mmaudit' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What completion offers: the API, whose functions are made when they are asked for."""
    from mmaudit.parts import names

    return sorted({"Corrupted", "corrupt", "load", "__version__", *names("audits")})
