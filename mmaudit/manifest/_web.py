"""Web servers: not followed elsewhere, and given up where they send too much or too slowly.

A manifest names addresses, and whoever wrote it need not be who runs it: an address inside this
network, or a server that points at one, would make this machine ask for what only it may see.
"""

import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
    getproxies,
    proxy_bypass,
)

from mmaudit.errors import InputError
from mmaudit.parsing.limits import DOWNLOAD

TIMEOUT_S = 60.0  # without a byte
SLOWEST = 10_000  # bytes a second, after the first minute
HOSTS = "MMAUDIT_HOSTS"  # the hosts that may be inside this network, or be pointed at


class Pace:
    """Bounds of one download: bytes, and bytes a second."""

    def __init__(self, shown: str, size: int | None) -> None:
        self._shown, self._began, self._most = shown, time.monotonic(), DOWNLOAD.most
        self.check(size or 0, pace=False)

    def check(self, count: int, *, pace: bool = True) -> None:
        """Refuse what is too much, or too slow.

        Raises:
            InputError: It is.
        """
        if count > self._most:
            raise InputError(
                f"the file has {count:,} bytes or more, more than {DOWNLOAD}",
                where=self._shown,
                fix=f"{DOWNLOAD.fix}; or copy the data to this machine",
            )
        seconds = time.monotonic() - self._began - TIMEOUT_S
        if pace and seconds > 0 and count < seconds * SLOWEST:
            raise InputError(
                f"it comes at less than {SLOWEST:,} bytes a second",
                where=self._shown,
                fix="try again, or copy the data to this machine",
            )


def blocks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """What a stream has, as it comes: a slow one is not waited for until a block is full."""
    read = getattr(stream, "read1", None) or stream.read
    while block := read(size):
        yield block


def opened(request: Request) -> Any:
    """Ask a web server.

    Raises:
        InputError: It is inside this network, or leads to another host, and that is not allowed.
    """
    opener = build_opener(_Redirects(), _Http(), _Https())
    return opener.open(request, timeout=TIMEOUT_S)


def allowed(host: str) -> bool:
    """Whether the person who runs this allows a host by its name; ``*`` allows any."""
    names = {name.strip().lower() for name in os.environ.get(HOSTS, "").split(",")}
    return bool({host.lower(), "*"} & names)


class _Redirects(HTTPRedirectHandler):
    """Redirects that stay with the host and keep the encryption."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        host = new.hostname or ""
        if new.scheme not in {"http", "https"} or (old.scheme, new.scheme) == ("https", "http"):
            raise HTTPError(req.full_url, code, f"leads to {new.scheme}://{host}", headers, fp)
        if host != old.hostname and not allowed(host):
            raise InputError(
                f"the server leads to another host, {host}",
                where=f"{old.scheme}://{old.hostname}{old.path}",
                fix=f"name that address, or set {HOSTS}={host}",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        _check_name(self.host, self.port)
        super().connect()
        _check(self.sock.getpeername()[0], self.host)


class _SafeConnection(HTTPSConnection):
    def connect(self) -> None:
        _check_name(self.host, self.port)
        super().connect()
        _check(self.sock.getpeername()[0], self.host)


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        return self.do_open(HTTPConnection if _proxied("http", req) else _PlainConnection, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        return self.do_open(HTTPSConnection if _proxied("https", req) else _SafeConnection, req)


def _proxied(scheme: str, request: Request) -> bool:
    """Whether a proxy is asked, which decides itself whom it reaches."""
    return scheme in getproxies() and not proxy_bypass(urlsplit(request.full_url).netloc)


def _check_name(host: str, port: int) -> None:
    """Refuse a name before it is asked; who answers is looked at again, for names can change."""
    for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        _check(str(place[0]), host)


def _check(text: str, host: str) -> None:
    """Refuse an address that only machines of this network can reach, whatever its name is."""
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_global or allowed(host):
        return
    raise InputError(
        f"the address {address} is inside this network or this machine",
        where=host,
        fix=f"set {HOSTS}={host} if the dataset may be read from there, or copy the data",
    )
