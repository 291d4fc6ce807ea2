"""What holds for all tests."""

import signal

# A job that a shell starts in the background ignores interruptions, and so would every command that
# is interrupted here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """What takes long begins first: at the end, no core waits for the other."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
