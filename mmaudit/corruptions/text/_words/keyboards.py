"""Which keys are next to which, from the rows of real keyboard layouts.

Han is typed by the sound of a character, and what slips is the choice among those that sound
alike: the 3,755 most frequent simplified characters (the first level of GB 2312), by their Mandarin
syllable without its tone, as pypinyin 0.55 (MIT) has them from Unihan.
"""

import json
from functools import cache

from mmaudit.corruptions.text._words.tables import CodeTable, read, table

REACH = 1.01  # key widths: a key touches those beside it and up to two in the next row


@cache
def neighbours() -> CodeTable:
    """Keys beside each key, typed with the same shift; a character is sought layout by layout."""
    adjacent: dict[str, list[str]] = {}
    for layout in json.loads(read("keyboards.json")):
        for shift in ("plain", "shifted"):
            rows = layout[shift]
            for key, beside in _beside(rows, layout["starts"]).items():
                adjacent.setdefault(key, beside)
    for line in read("homophones.tsv").splitlines():
        alike = line.partition("\t")[2]
        for character in alike:
            adjacent[character] = [other for other in alike if other != character]
    return table(adjacent)


def _beside(rows: list[str], starts: list[float]) -> dict[str, list[str]]:
    keys = [
        (character, row, start + i)
        for row, (line, start) in enumerate(zip(rows, starts, strict=True))
        for i, character in enumerate(line)
    ]
    return {
        key: [
            other
            for other, r, x in keys
            if other not in {key, " "} and abs(r - row) <= 1 and abs(x - place) <= REACH
        ]
        for key, row, place in keys
        if key != " "
    }
