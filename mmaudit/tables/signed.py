"""JSON that holds a digest of its own: what was changed by hand or by damage is seen."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

DIGEST = "sha256"


def signed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its digest as a last key.

    Example:
        >>> intact(signed({"a": 1})), intact(signed({"a": 1}) | {"a": 2})
        (True, False)
    """
    return {**content, DIGEST: digest(content)}


def intact(content: Mapping[str, Any]) -> bool:
    """Whether a content has the digest that it holds."""
    return content.get(DIGEST) == digest(content)


def digest(content: Mapping[str, Any]) -> str:
    """sha256 of what is said, whatever the layout of the file."""
    said = {key: value for key, value in content.items() if key != DIGEST}
    return sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
