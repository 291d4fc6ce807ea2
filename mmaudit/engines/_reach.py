"""Reach: whether a Ray cluster answers at an address, which Ray itself takes minutes to tell."""

import os
import socket
from contextlib import suppress

from mmaudit.errors import MissingError, UsageError

AUTO = "auto"
ADDRESS, TLS = "RAY_ADDRESS", "RAY_USE_TLS"  # of Ray
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
KIND = 3  # place of the kind of an answer, and which it is where gRPC answers
SETTINGS = 4
WAIT = 5.0  # seconds
FIX = "--address HOST:PORT of the head, which `ray start --head` prints; or leave it out"


def require(address: str) -> str:
    """Refuse an address at which no cluster answers.

    Args:
        address: ``auto`` or ``HOST:PORT``.

    Returns:
        The address to connect to.

    Raises:
        UsageError: It is no address.
        MissingError: Nobody answers, or something else than Ray.
    """
    if address == AUTO:
        address = os.environ.get(ADDRESS, AUTO)
        if address == AUTO:
            return AUTO  # Ray looks at the processes of this machine
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        raise UsageError(f"{address!r} is no address of a Ray cluster", fix=FIX)
    try:
        with socket.create_connection((host.strip("[]"), int(port)), WAIT) as line:
            if os.environ.get(TLS, "0") in {"", "0"} and not _is_grpc(line):
                raise MissingError(
                    f"what answers at {address} is no Ray cluster", where=address, fix=FIX
                )
    except (OSError, OverflowError) as error:
        raise MissingError(
            f"nobody answers at {address}: {error}", where=address, fix=FIX
        ) from error
    return address


def _is_grpc(line: socket.socket) -> bool:
    """Whether the other side speaks what Ray speaks."""
    line.sendall(HELLO)
    answer = b""
    with suppress(TimeoutError, ConnectionError):
        while len(answer) <= KIND and (more := line.recv(64)):
            answer += more
    return answer[KIND : KIND + 1] == bytes([SETTINGS])
