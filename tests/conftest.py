"""What holds for all tests."""

import gc
import signal

import pytest

# A job that a shell starts in the background ignores interruptions, and so would every command that
# is interrupted here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
