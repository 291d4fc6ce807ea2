"""What holds for all tests."""

import signal

# A job that a shell starts in the background ignores interruptions, and so would every command that
# is interrupted here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
