import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.manifest.media import Refused, fetch, resolve


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "data"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a.bin").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    (tmp_path / "data2").mkdir()
    (tmp_path / "data2" / "b.bin").write_bytes(b"next door")
    return folder


def test_a_file_of_the_folder_is_read(root):
    assert fetch(root, "in/a.bin", 100) == b"inside"
    assert fetch(root, "in/../in/a.bin", 6) == b"inside"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../secret", "leaves"),
        ("in/../../secret", "leaves"),
        ("../data2/b.bin", "leaves"),
        ("/etc/hostname", "absolute"),
        ("C:\\data\\a.bin", "absolute"),
        ("\\\\server\\a.bin", "absolute"),
        ("https://example.org/a.png", "URL"),
        ("file:///etc/hostname", "URL"),
        ("data:image/png;base64,AAAA", "URL"),
        ("in/a\0.bin", "zero byte"),
        ("in/b.bin", "No such file"),
        ("in", "directory"),
        ("in/a.bin/more", "Not a directory"),
        ("x" * 5000, "too long"),
    ],
)
def test_any_other_name_is_refused(root, name, why):
    with pytest.raises(Refused, match=why):
        fetch(root, name, 100)


def test_a_link_out_of_the_folder_is_refused(root):
    (root / "link").symlink_to("../secret")
    (root / "folder").symlink_to("../data2")
    (root / "fine").symlink_to("in/a.bin")
    for name in ("link", "folder/b.bin"):
        with pytest.raises(Refused, match="leaves"):
            fetch(root, name, 100)
    assert fetch(root, "fine", 100) == b"inside"


def test_a_pipe_and_a_device_are_refused_at_once(root):
    os.mkfifo(root / "pipe")
    with pytest.raises(Refused, match="regular file"):
        fetch(root, "pipe", 100)


def test_a_file_that_is_too_large_is_refused(root):
    with pytest.raises(Refused, match="6 bytes, more than max_bytes = 5"):
        fetch(root, "in/a.bin", 5)


@settings(derandomize=True, max_examples=300)
@given(
    st.lists(st.sampled_from(["..", ".", "in", "a", "", "~", "\\", "..\\", "%2e%2e"]), max_size=9)
)
def test_no_name_leads_out(parts_):
    root = Path(__file__).parent
    try:
        found = resolve(root, "/".join(parts_))
    except Refused:
        return
    assert found.is_relative_to(root)
