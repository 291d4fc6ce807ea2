"""Pages: everything that lies in ``docs/reference``, by the name of its file."""

from collections.abc import Callable, Mapping
from functools import cache, partial

from makers import (
    audits,
    checks,
    command_line,
    corruptions,
    imputers,
    measures,
    python_api,
    readers,
    remedies,
)
from makers.markdown import item, page, paragraph
from mmaudit import parts

INDEX = "README.md"
Page = Callable[[], str]


def pages() -> Mapping[str, Page]:
    """What makes each page but the index."""
    return {
        **{f"corruptions/{f}.md": partial(corruptions.text, f) for f in corruptions.families()},
        **{f"checks/{f}.md": partial(checks.text, f) for f in checks.families()},
        **{f"measures/{room}.md": partial(measures.text, room) for room in measures.rooms()},
        **{f"audits/{name}.md": partial(audits.text, name) for name in parts.own(audits.KIND)},
        "command_line.md": command_line.text,
        "python.md": python_api.text,
        "testing.md": python_api.testing_text,
        "models.md": readers.models,
        "readers.md": readers.readers,
        "imputers.md": imputers.text,
        "remedies.md": remedies.text,
    }


@cache
def text(name: str) -> str:
    """A page by the name of its file."""
    return index() if name == INDEX else pages()[name]()


def images(family: str) -> dict[str, str | bytes]:
    """The pictures of a family of corruptions."""
    return {f"corruptions/{name}": file for name, file in corruptions.images(family).items()}


def picture_names(family: str) -> list[str]:
    """The pictures of a family by name."""
    return [f"corruptions/{name}" for name in corruptions.image_names(family)]


def everything() -> dict[str, str | bytes]:
    """All pages and pictures, and the index."""
    out: dict[str, str | bytes] = {name: text(name) for name in (*pages(), INDEX)}
    for family in corruptions.families():
        out |= images(family)
    return out


def index() -> str:
    """The page that leads to all others, folder by folder."""
    links: dict[str, list[str]] = {}
    for name in pages():
        folder = name.rpartition("/")[0] or "further pages"
        title = text(name).partition("\n")[0].removeprefix("# ")
        links.setdefault(folder, []).append(f"[{title}]({name})")
    return page(
        "# Reference",
        paragraph(
            "These pages are made from the code by `make docs`; a test compares them with it. What "
            "is explained by hand is in [docs](../../README.md#documentation)."
        ),
        *(
            f"## {folder.capitalize()}\n\n" + "\n".join(map(item, links[folder]))
            for folder in links
        ),
    )
