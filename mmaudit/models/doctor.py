"""What is installed here, what is not, and what to do about it."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from mmaudit import extras
from mmaudit.version import VERSION

State = Literal["ok", "optional", "missing", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of what was found.

    Attributes:
        name: Package, or what was looked at.
        state: ``ok``; ``optional`` for an extra that is not installed; ``note`` for what works with
            a limit; ``missing`` for what mmaudit cannot work without.
        value: Version, path or a few words.
        fix: What to do about it, empty where nothing is to be done.
    """

    name: str
    state: State
    value: str
    fix: str = ""


def findings() -> tuple[Finding, ...]:
    """Look at Python, the packages, the device, torchvision and numba's cache."""
    packages = tuple(_packages())
    there = {finding.name for finding in packages if finding.state == "ok"}
    rows = [
        Finding(name=extras.NAME, state="ok", value=VERSION),
        Finding(name="python", state="ok", value=platform.python_version()),
        Finding(name="platform", state="ok", value=platform.platform(terse=True)),
        *packages,
    ]
    if "torch" in there:
        rows += [_device(), _torchvision()]
    if "numba" in there:
        rows.append(numba_cache())
    return tuple(rows)


def _packages() -> Iterator[Finding]:
    """The packages that mmaudit's own metadata asks for, those of extras after the rest."""
    for name, extra in extras.wanted().items():
        yield package(name, extra)


def package(name: str, extra: str) -> Finding:
    """Whether a package is installed.

    Args:
        name: The package.
        extra: The extra that asks for it, empty where mmaudit cannot work without.
    """
    try:
        return Finding(name=name, state="ok", value=metadata.version(name))
    except metadata.PackageNotFoundError:
        if extra:
            fix = f"pip install '{extras.NAME}[{extra}]'"
            return Finding(name=name, state="optional", value="not installed", fix=fix)
        fix = f"pip install {name}"
        return Finding(name=name, state="missing", value="not installed", fix=fix)


def _device() -> Finding:
    import torch  # noqa: PLC0415  # may be what is missing

    if torch.cuda.is_available():
        return Finding(name="device", state="ok", value=f"cuda: {torch.cuda.get_device_name(0)}")
    cores = os.cpu_count() or 1
    return Finding(name="device", state="ok", value=f"cpu, {cores} cores; torch sees no CUDA")


def _torchvision() -> Finding:
    from mmaudit.models.torchvision import MEANING, ensure  # noqa: PLC0415  # needs torch

    state = ensure()
    value = f"{state}: {MEANING[state]}"
    if state != "stub":
        return Finding(name="torchvision", state="ok", value=value)
    fix = "for nms and decoding, install torch and torchvision from one index of PyTorch's"
    return Finding(name="torchvision", state="note", value=value, fix=fix)


def numba_cache() -> Finding:
    """Where compiled kernels are kept, and what to do where that is for a while or nowhere."""
    from mmaudit.kernels import VARIABLE, temporary_folder, usual_folder  # noqa: PLC0415  numba's

    usual = usual_folder()
    if usual:
        return Finding(name="numba cache", state="ok", value=str(usual))
    folder, fix = temporary_folder(), f"set {VARIABLE} to a folder that you may write"
    value = f"{folder}: no other can be written, and it goes with what is temporary"
    if folder is None:
        value = "no folder can be written: every start compiles the kernels again"
    return Finding(name="numba cache", state="note", value=value, fix=fix)
