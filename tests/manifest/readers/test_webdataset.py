import io
import tarfile

import numpy as np
import pytest

from mmaudit.errors import InputError
from mmaudit.manifest.readers import webdataset


def archive(folder, *members, name="a.tar"):
    with tarfile.open(folder / name, "w") as file:
        for path, content in members:
            info = tarfile.TarInfo(path)
            if isinstance(content, bytes):
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                file.addfile(info)
    return folder / name


def cells(reader, column):
    return reader.take([column], np.arange(len(reader))).column(0).to_pylist()


def test_keys_and_extensions_are_cut_at_the_first_dot(tmp_path):
    path = archive(
        tmp_path, ("d/x.1/a.seg.png", b"1"), ("d/x.1/a.txt", b"2"), ("b.txt", b"3"), ("README", b"")
    )
    reader = webdataset.open((path,))
    assert cells(reader, "__key__") == ["d/x.1/a", "b"]
    assert [c and c["bytes"] for c in cells(reader, "seg.png")] == [b"1", None]
    assert [c["bytes"] for c in cells(reader, "txt")] == [b"2", b"3"]


def test_links_devices_and_names_that_leave_are_reasons_not_reads(tmp_path):
    path = archive(
        tmp_path,
        ("a.txt", (tarfile.SYMTYPE, "/etc/hostname")),
        ("b.txt", (tarfile.LNKTYPE, "a.txt")),
        ("c.txt", (tarfile.FIFOTYPE, "")),
        ("../d.txt", b"x"),
        ("e.txt", b"fine"),
    )
    found = cells(webdataset.open((path,)), "txt")
    assert [c["bytes"] for c in found] == [None, None, None, None, b"fine"]
    reasons = [c["error"] or "" for c in found]
    for part, reason in zip(("link", "link", "regular", "leaves"), reasons, strict=False):
        assert part in reason


def test_a_member_over_the_limit_is_a_reason_not_a_read(tmp_path):
    reader = webdataset.open((archive(tmp_path, ("a.txt", b"12345"), ("b.txt", b"1")),), most=4)
    found = cells(reader, "txt")
    assert found[0] == {"bytes": None, "path": "a.txt", "error": "5 bytes, more than max_bytes = 4"}
    assert found[1]["bytes"] == b"1"


def test_json_members_give_their_fields(tmp_path):
    path = archive(
        tmp_path, ("a.json", b'{"caption": "x", "width": 3}'), ("a.txt", b"1"), ("b.txt", b"2")
    )
    reader = webdataset.open((path,))
    assert cells(reader, "caption") == ["x", None]
    assert cells(reader, "width") == [3, None]


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff"])
def test_a_json_member_that_is_none_is_refused(tmp_path, content):
    with pytest.raises(InputError) as caught:
        webdataset.open((archive(tmp_path, ("a.json", content)),))
    assert "sample 'a'" in caught.value.where


def test_a_member_that_is_there_twice_is_refused(tmp_path):
    path = archive(tmp_path, ("a.txt", b"1"), ("a.txt", b"2"))
    with pytest.raises(InputError, match="twice"):
        webdataset.open((path,))


@pytest.mark.parametrize("cut", [0, 100, 512, 600, 1024, 1100, 1536, 2000])
def test_an_archive_that_is_cut_off_anywhere_is_refused(tmp_path, cut):
    path = archive(tmp_path, ("a.txt", b"1"), ("b.txt", b"2"))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="not a whole tar") as caught:
        webdataset.open((path,))
    assert caught.value.where == str(path)


def test_a_damaged_header_is_not_the_end(tmp_path):
    path = archive(tmp_path, ("a.txt", b"1"), ("b.txt", b"2"))
    content = bytearray(path.read_bytes())
    content[1024 + 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged or cut off at byte 1024"):
        webdataset.open((path,))


def test_a_compressed_archive_is_refused_with_what_to_do(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz"):
        pass
    with pytest.raises(InputError) as caught:
        webdataset.open((tmp_path / "a.tar.gz",))
    assert "unpack .gz" in caught.value.fix


def test_a_name_that_is_not_utf8_is_told(tmp_path):
    path = archive(tmp_path, ("\udcff.png", b"1"))
    with pytest.raises(InputError, match="not UTF-8"):
        webdataset.open((path,))
