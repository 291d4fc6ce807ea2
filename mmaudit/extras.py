"""Extras: what a plain installation does without, and the line that adds it."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec

from mmaudit.errors import MissingError

NAME = "mmaudit"
WHOLE, FOR_DEVELOPERS = "all", "dev"
EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")
DISTRIBUTIONS = {  # what is imported by another name than it is installed by
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "faiss": "faiss-cpu",
    "open_clip": "open_clip_torch",
    "sklearn": "scikit-learn",
}


@cache
def wanted() -> dict[str, str]:
    """The distributions that mmaudit's own metadata asks for, and the extra of each.

    The extra is empty where mmaudit cannot work without it. Of several extras it is the first.
    """
    first: dict[str, str] = {}
    for distribution, extra in _wanted():
        first.setdefault(distribution, extra)
    return dict(sorted(first.items(), key=lambda item: (item[1] != "", item[0])))


def _wanted() -> Iterator[tuple[str, str]]:
    for line in metadata.requires(NAME) or ():
        needed, _, marker = line.partition(";")
        extra = EXTRA.search(marker)
        name = re.split(r"[\s\[<>=!~;(]", needed.strip(), maxsplit=1)[0]
        if name != NAME and (extra is None or extra[1] != FOR_DEVELOPERS):
            yield name, "" if extra is None else extra[1]


def line(module: str) -> str:
    """What to type where a module cannot be imported.

    Example:
        >>> line("open_clip.model")
        "pip install 'mmaudit[openclip]'"
        >>> line("transformers")
        'pip install transformers'
    """
    top = module.partition(".")[0]
    distribution = DISTRIBUTIONS.get(top, top)
    extra = wanted().get(distribution)
    return f"pip install '{NAME}[{extra}]'" if extra else f"pip install {distribution}"


def require(what: str, *modules: str) -> None:
    """Refuse to begin what needs modules that are not there.

    Args:
        what: What is to be done, as ``the demo``.
        modules: Names to import.

    Raises:
        MissingError: Some are not installed; all are named, with the one line that adds them.
    """
    lacking = [name for name in modules if not _is_here(name)]
    if not lacking:
        return
    lines = {line(name) for name in lacking}
    fix = lines.pop() if len(lines) == 1 else f"pip install '{NAME}[{WHOLE}]'"
    packages = f"the package{'s' if len(lacking) > 1 else ''}"
    raise MissingError(f"{what} needs {packages} {', '.join(map(repr, lacking))}", fix=fix)


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # its import is blocked
        return False
