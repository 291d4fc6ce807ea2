"""The files that docs/adding.md tells to copy, by what they are."""

import re

from mmaudit import parts
from places import DOCS

FILE = re.compile(r"`(\w+)\.py` is `([\w/]+)`:\n\n```python\n(.*?)```", re.DOTALL)
FILES = {
    place: (module, text)
    for module, place, text in FILE.findall((DOCS / "adding.md").read_text("utf-8"))
}
KINDS = ("corruptions", "checks", "audits", "models/adapters", "manifest/readers", "measures/tasks")
KINDS += ("imputers", "remedies")


def install(root, package, files):
    """Write a package of parts as an installer would leave it; ``files`` is as `FILES`."""
    (root / package).mkdir()
    (root / package / "__init__.py").touch()
    for module, text in files.values():
        (root / package / f"{module}.py").write_text(text)
    info = root / f"{package}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    lines = [f"{place} = {package}.{module}" for place, (module, _) in files.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{parts.GROUP}]", *lines]) + "\n")
