"""What is installed here, what is not, and what to do about it."""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

from mmaudit.version import VERSION

State = Literal["ok", "optional", "missing", "note"]
NAME = "mmaudit"
EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")
FOR_DEVELOPERS = "dev"


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
        Finding(name=NAME, state="ok", value=VERSION),
        Finding(name="python", state="ok", value=platform.python_version()),
        Finding(name="platform", state="ok", value=platform.platform(terse=True)),
        *packages,
    ]
    if "torch" in there:
        rows += [_device(), _torchvision()]
    if "numba" in there:
        rows.append(numba_cache(_cache_folders()))
    return tuple(rows)


def _packages() -> Iterator[Finding]:
    """The packages that mmaudit's own metadata asks for, those of extras after the rest."""
    wanted: dict[str, str] = {}
    for line in metadata.requires(NAME) or ():
        needed, _, marker = line.partition(";")
        extra = EXTRA.search(marker)
        name = re.split(r"[\s\[<>=!~;(]", needed.strip(), maxsplit=1)[0]
        if extra is None:
            wanted[name] = ""
        elif extra[1] != FOR_DEVELOPERS and name != NAME:
            wanted.setdefault(name, extra[1])
    for name, extra_name in sorted(wanted.items(), key=lambda item: (item[1] != "", item[0])):
        yield package(name, extra_name)


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
            fix = f"pip install 'mmaudit[{extra}]'"
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


def numba_cache(folders: tuple[Path, ...]) -> Finding:
    """Whether compiled kernels can be kept: in the first of these folders that can be written."""
    for folder in folders:
        if _writable(folder):
            return Finding(name="numba cache", state="ok", value=str(folder))
    return Finding(
        name="numba cache",
        state="note",
        value=f"cannot be written: {folders[0]}; every start compiles the kernels again",
        fix="set NUMBA_CACHE_DIR to a folder that you may write",
    )


def _cache_folders() -> tuple[Path, ...]:
    """Where numba keeps compiled code: where it is told, else beside the source, or the user's."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder:
        return (Path(folder),)
    from numba.misc.appdirs import AppDirs  # noqa: PLC0415  # may be what is missing

    user = AppDirs(appname="numba", appauthor=False).user_cache_dir
    return (Path(__file__).parents[1] / "__pycache__", Path(user))


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, or in the nearest one above that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
