"""Files are written whole or not at all, in one way for one file and for thousands."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mmaudit import files

WAYS = [{}, {"shared": False}, {"durable": False}, {"shared": False, "durable": False}]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_takes_its_place_when_it_is_whole(tmp_path, way):
    path = tmp_path / "new" / "folder" / "a.png"
    files.write_bytes(path, b"old", **way)
    with files.replacing(path, **way) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]


@pytest.mark.parametrize("way", WAYS)
def test_what_fails_half_way_leaves_nothing_behind(tmp_path, way):
    def half():
        with files.replacing(tmp_path / "a", **way) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_written_over(tmp_path):
    (tmp_path / ".a.png").write_bytes(b"a half and much more")
    files.write_bytes(tmp_path / "a.png", b"whole", shared=False)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"whole"


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="a"):
        files.write_bytes(tmp_path / "a" / "b", b"")


def test_many_at_once_may_be_the_first_in_a_folder(tmp_path):
    """None finds the folder gone that another has just made."""
    with ThreadPoolExecutor(16) as threads:
        for i in range(50):
            place = tmp_path / str(i) / "deep"
            begun = Barrier(16)

            def write(k, place=place, begun=begun):
                begun.wait()
                files.write_bytes(place / str(k), b"whole", durable=False)

            list(threads.map(write, range(16)))
            assert len(list(place.iterdir())) == 16
