"""Templates: what every page of mmaudit is made with, so that none of them runs what data says.

Every text passes `visible` and is escaped. The content security policy allows the style and the
script of this package, by their digests, and nothing else.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mmaudit.report.words import visible
from mmaudit.version import VERSION

PACKAGE, FOLDER = "mmaudit.report", "templates"


def rendered(name: str, **values: Any) -> str:
    """A page from one of our templates, with our style, script and policy.

    Args:
        name: The template's file.
        values: What it shows.
    """
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    return (
        _environment()
        .get_template(name)
        .render(
            **values,
            version=VERSION,
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=_policy(style, script),
        )
    )


def _policy(style: str, script: str) -> str:
    return (
        "default-src 'none'; img-src data:; media-src data:; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files(PACKAGE).joinpath(FOLDER, name).read_text("utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(PACKAGE, FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: Any) -> Any:
    """Every text of the page passes here before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
