"""Words: what the checks of a text look at, each worked out once and only where it is needed."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b

WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Text:
    """A text, and what several checks need of it."""

    text: str

    @cached_property
    def spelled(self) -> tuple[str, ...]:
        """Its words as they are written; a stretch without spaces is one."""
        return tuple(WORD.findall(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words in lower case."""
        return tuple(word.lower() for word in self.spelled)

    @cached_property
    def digest(self) -> bytes:
        """What texts share that are the same, and no others."""
        return blake2b(encoded(self.text), digest_size=16).digest()

    def share_of_words(self, count: int) -> float:
        """A number of its words as a share of all of them; 0 of none."""
        return count / max(len(self.spelled), 1)

    def share_of_characters(self, count: int) -> float:
        """A number of its characters as a share of all of them; 0 of none."""
        return count / max(len(self.text), 1)


def encoded(text: str) -> bytes:
    """UTF-8 of a text, whatever is in it."""
    return text.encode("utf-8", "surrogatepass")


def words(text: str, _rate: float = 0.0) -> Text:
    """What there is to see of a text."""
    return Text(text)


@cache
def category(character: str) -> str:
    """Unicode's general category of a character, as ``Ll``."""
    return unicodedata.category(character)
