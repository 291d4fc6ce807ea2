"""Markup: tags, entities, commands or addresses of the web stand in the text."""

import re

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words

MARKUP = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|</?[a-zA-Z][^<>]{0,200}>"
    r"|&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});"
    r"|\\[a-zA-Z]{2,20}\{"
    r"|\]\(\S+\)",
    re.IGNORECASE,
)


MARKS = ("<", "&", "://", "www.", "](", "\\")  # of which one is in whatever `MARKUP` matches


def measure(text: Text) -> float:
    """Share of characters in addresses, tags, entities, and links and commands of markup."""
    line = text.text.lower()
    if not any(mark in line for mark in MARKS):  # as in most texts; a tenth of the search's time
        return 0.0
    return text.share_of_characters(sum(len(hit[0]) for hit in MARKUP.finditer(text.text)))


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="has markup or addresses",
    suggestion="take the text out of its page first",
    limit=0.0,
    scale="counts",
)
