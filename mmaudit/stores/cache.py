"""Cache: where on this machine lies what was fetched; it may be deleted when nothing is running."""

import re
import sys
from hashlib import sha256
from os import environ
from pathlib import Path
from urllib.parse import urlsplit

from mmaudit.stores.urls import name, shown

LETTERS = 32  # of the digest that tells two addresses apart


def folder(purpose: str) -> Path:
    """The user's folder for one purpose."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        path = Path(environ.get("XDG_CACHE_HOME") or "")
        base = path if path.is_absolute() else home / ".cache"  # the rule for relative ones
    return base / "mmaudit" / purpose


def place(purpose: str, url: str, version: str = "") -> Path:
    """Where what is at a URL lies; host and file name are for people, who read it in errors."""
    key = sha256(f"{url}\0{version}".encode()).hexdigest()[:LETTERS]
    host = re.sub(r"[^A-Za-z0-9.-]", "_", urlsplit(shown(url)).netloc).lstrip(".") or "_"
    return folder(purpose) / host / key / name(url)
