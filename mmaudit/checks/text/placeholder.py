"""Placeholder: the text stands where there was none: *n/a*, *untitled*, *IMG_0042.jpg*, or blank.

The whole text must be one; a sentence that speaks of one is none.
"""

import re

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words

PLACEHOLDER = re.compile(
    r"\W*(?:"
    r"n/?a|none|null|nan|nil|undefined|unknown|untitled|tbd|todo|test|xxx+|lorem ipsum.*"
    r"|(?:no|missing) (?:caption|text|description|title|alt text).*"
    r"|(?:your|insert|add) (?:caption|text|description|title)(?: here)?"
    r"|(?:image|img|dscn?|photo|picture|screenshot)[ _-]?\d+(?:\.\w{3,4})?"
    r"|.*\[(?:deleted|removed)\].*"
    r"|<[a-z _]+>"
    r"|#(?:n/a|ref!|value!|name\?|div/0!)"
    r")?\W*",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 200  # characters of one


def measure(text: Text) -> float:
    """1 for a placeholder, else 0."""
    return float(len(text.text) <= LONGEST and bool(PLACEHOLDER.fullmatch(text.text)))


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1 or 0",
    bad="high",
    source="ours",
    finding="a placeholder",
    suggestion="treat it as absent",
    limit=0.5,
    scale="counts",
)
