"""An S3 server on this machine, and a proxy before it that does what networks and disks do."""

import logging
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUCKET = "bucket"
SECRET = "s3cr3t-of-the-tests"
HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


class Store:
    """A running server.

    Attributes:
        environment: What a process needs to reach it.
        asked: How often each method and key was asked for.
        faults: What is called with method and key before an answer is passed on; it may give
            another status and body instead.
    """

    def __init__(self, port, moto):
        self.environment = {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }
        self.asked, self.faults, self._moto = Counter(), [], moto

    def reset(self):
        """Be empty, but for the bucket."""
        self.faults.clear()
        self.asked.clear()
        if BUCKET not in self._backend.buckets:
            self._backend.create_bucket(BUCKET, "us-east-1")
        self._objects.clear()

    def names(self):
        """The objects, by name."""
        return sorted(self._objects)

    def put(self, name, content):
        self._backend.put_object(BUCKET, name, content)

    def has(self, name):
        return name in self._objects

    def remove(self, name):
        del self._objects[name]

    def content(self, name):
        return self._objects[name].value

    def damage(self, name, *, rot=True):
        """Hold another bit than was put.

        Args:
            name: Of the object.
            rot: Whether the server still states the checksum of what was put; else somebody has put
                another object of the same name.
        """
        key = self._objects[name]
        _, content = flipped(200, key.value)
        if rot:
            key.value = content
        else:
            self._backend.put_object(BUCKET, name, content)

    def age(self, name, seconds):
        """Let an object have been put so long ago, by the server's clock."""
        key = self._objects[name]
        key.last_modified -= timedelta(seconds=seconds)

    def fault(self, fault, times=1, method="GET", ending=""):
        """Answer some questions with a fault: ``fault(status, body) -> (status, body)``."""
        left = [times]

        def answer(asked, path, status, body):
            if asked == method and path.endswith(ending) and left[0]:
                left[0] -= 1
                return fault(status, body)
            return status, body

        self.faults.append(answer)

    @property
    def _backend(self):
        from moto.s3.models import s3_backends

        return s3_backends["123456789012"]["aws"]

    @property
    def _objects(self):
        return self._backend.buckets[BUCKET].keys


@contextmanager
def serving():
    """A server for a time."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    proxy = Front(("127.0.0.1", 0), Proxy)
    store = proxy.store = Store(proxy.server_port, server.get_host_and_port())
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield store
    finally:
        proxy.shutdown()
        proxy.server_close()
        server.stop()


class Front(ThreadingHTTPServer):
    """Takes questions; who asks may be killed meanwhile."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Proxy(BaseHTTPRequestHandler):
    """Passes everything on, but for what is to fail."""

    protocol_version = "HTTP/1.1"

    def pass_on(self):
        store = self.server.store
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        path = self.path.partition("?")[0]
        store.asked[self.command, path.removeprefix(f"/{BUCKET}/")] += 1
        connection = HTTPConnection(*store._moto, timeout=60)
        connection.request(self.command, self.path, sent, dict(self.headers))
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
        for fault in [*store.faults]:
            status, body = fault(self.command, path, status, body)
        cut = isinstance(body, tuple)
        self.send_response(status)
        for key, value in answer.getheaders():
            if key.lower() not in HOP and status == answer.status:
                self.send_header(key, value)
        content = body[0] if cut else body
        whole = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(body[1] if cut else whole))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.close_connection = cut
        connection.close()

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.pass_on
        raise AttributeError(name)

    def log_message(self, *words):
        pass


def unavailable(_status, _body):
    """The answer of a server that has too much to do."""
    return 503, b""


def denied(_status, _body):
    """The answer to who may not ask."""
    return 403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def cut(status, body):
    """An answer that ends on the way."""
    return status, (body[: len(body) // 2], len(body))


def flipped(status, body):
    """An answer with one bit changed."""
    place = len(body) // 2
    return status, body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
