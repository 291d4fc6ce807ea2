"""Mojibake: UTF-8 was read as Latin-1 or Windows-1252, so é became Ã©.

A first byte of UTF-8 and its continuation, both as the characters that those encodings make of
them. Where the continuation is punctuation alone, as in *allé…”*, only the first bytes that are
hardly ever letters of their own, Â and Ã, count.
"""

import re

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words

PUNCTUATION = "‘’“”–—…•‚„†‡‰‹›«»·¡¿°´¸\xa0"
REST = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what both make of the bytes 80 to bf
BROKEN = re.compile(
    f"[\xc2\xc3][{REST}]"
    f"|(?![\xc4-\xf4][{PUNCTUATION}]+(?![{REST}]))"
    f"(?:[\xc4-\xdf][{REST}]|[\xe0-\xef][{REST}]{{2}}|[\xf0-\xf4][{REST}]{{3}})"
)


def measure(text: Text) -> float:
    """Share of characters in such sequences."""
    if text.text.isascii():
        return 0.0
    return text.share_of_characters(sum(len(hit[0]) for hit in BROKEN.finditer(text.text)))


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="bytes of RFC 3629 as characters of ISO 8859-1 and Windows-1252; ours, after ftfy",
    finding="decoded with the wrong encoding",
    suggestion="decode the file as UTF-8, or repair it with ftfy",
    limit=0.0,
    scale="counts",
)
