"""A real browser for tests: headless Chromium over its debugging pipe, with nothing to install."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1100,900",
    "--remote-debugging-pipe",
)
PATIENCE = 60  # seconds for one answer of the browser


def found():
    """Path of the browser, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab, and everything it complained about."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.buffer, self.number, self.events, self.session = b"", 0, [], None

    def call(self, method, **parameters):
        self.number += 1
        told = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            told["sessionId"] = self.session
        os.write(self.writer, json.dumps(told).encode() + b"\0")
        number = self.number
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        until = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            if time.monotonic() > until:
                raise TimeoutError("the browser does not answer")
            if select.select([self.reader], [], [], 1)[0]:
                part = os.read(self.reader, 1 << 20)
                if not part:
                    raise RuntimeError("the browser has ended")
                self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        told = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = told["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url=f"file://{path}")
        self.until("document.readyState === 'complete'")
        return self

    def run(self, code):
        """The value of an expression in the page, waited for."""
        told = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"])
        return told["result"].get("value")

    def until(self, condition):
        stop = time.monotonic() + PATIENCE
        while not self.run(condition):
            if time.monotonic() > stop:
                raise TimeoutError(condition)

    def complaints(self):
        """Exceptions, console messages, dialogs, and requests for anything but the page."""
        self.run("1")
        bad = []
        for event in self.events:
            method, told = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                url = told["request"]["url"]
                if not url.startswith(("file:", "data:")):
                    bad.append(("request", url))
            elif method == "Runtime.exceptionThrown":
                bad.append(("exception", told["exceptionDetails"]))
            elif method == "Runtime.consoleAPICalled":
                bad.append(("console", told["args"]))
            elif method == "Log.entryAdded" and told["entry"]["level"] in {"error", "warning"}:
                bad.append(("log", told["entry"]["text"]))
            elif method == "Page.javascriptDialogOpening":
                bad.append(("dialog", told["message"]))
        return bad

    def prefer(self, scheme):
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=feature)

    def screenshot(self, path, height=900, width=1100, scale=1, top=0):
        clip = {"x": 0, "y": top, "width": width, "height": height, "scale": scale}
        told = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(told["data"]))


@contextmanager
def chromium(folder):
    """A browser with one tab; it ends with the block."""
    from_us, writer = os.pipe()
    reader, to_us = os.pipe()

    def connect():  # in the child: the browser reads from 3 and writes to 4
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in (from_us, to_us)]
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    process = subprocess.Popen(
        [found(), *FLAGS, f"--user-data-dir={folder}"],
        preexec_fn=connect,  # noqa: PLW1509  one thread starts the browser
        pass_fds=(3, 4),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(to_us)
    page = Page(reader, writer)
    try:
        page.attach()
        yield page
    finally:
        os.close(writer)
        os.close(reader)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
