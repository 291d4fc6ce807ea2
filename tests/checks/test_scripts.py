"""The script of a text is that of most of its letters."""

import pytest

from mmaudit.checks.scripts import main_script


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("A photo of 2 dogs", "LATIN"),
        ("ein Café über dem Fluß", "LATIN"),
        ("Собака on the beach бежит", "CYRILLIC"),
        ("海辺を走る犬", "CJK"),
        ("강아지", "CJK"),
        ("كلب", "ARABIC"),
        ("1989, 12:30!", ""),
        ("", ""),
    ],
)
def test_most_letters_tell(text, script):
    assert main_script(text) == script
