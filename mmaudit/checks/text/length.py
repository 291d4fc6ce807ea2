"""Length: the text has few words.

A stretch without spaces is one word: of texts in Chinese, Japanese or Thai it says little.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words


def measure(text: Text) -> float:
    """Number of words."""
    return float(len(text.spelled))


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="words",
    bad="low",
    source="ours",
    finding="short",
    suggestion="look for texts that were cut off, and for empty ones",
    sees=("text/truncation", "text/word_delete"),
    limit=0.5,
    scale="log",
)
