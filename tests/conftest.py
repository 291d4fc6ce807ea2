"""What holds for all tests."""

import gc
import signal

import pytest

# A job that a shell starts in the background ignores interruptions, and so would every command that
# is interrupted here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def s3_server():
    """One server of objects for all tests that ask one."""
    import s3_server

    with s3_server.serving() as store:
        yield store


@pytest.fixture
def s3(s3_server, tmp_path, monkeypatch):
    """An empty bucket, and a machine that has fetched nothing."""
    s3_server.reset()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is loaded here stays to the end: the search for garbage need not walk through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """What takes long begins first: at the end, no core waits for the other."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
