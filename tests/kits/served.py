"""The command on PATH, for scripts that pages show: run by the process that has loaded the program."""

import os
import subprocess
import threading
from contextlib import contextmanager

from command import mmaudit
from places import DOCS

CLIENT = """#!/bin/sh
cd "$(dirname "$0")" && where=$PWD && cd "$OLDPWD" || exit 99
printf '%s\\0' "$PWD" "$@" > "$where/words"
env -0 > "$where/env"
echo > "$where/ask"
code=$(cat "$where/end")
cat "$where/out"
cat "$where/err" >&2
exit "$code"
"""


@contextmanager
def served(folder):
    """A command that is run by the process which has loaded the program: a start takes a second."""
    folder.mkdir()
    (folder / "mmaudit").write_text(CLIENT)
    (folder / "mmaudit").chmod(0o755)
    for name in ("ask", "end"):
        os.mkfifo(folder / name)

    def serve():
        while (folder / "ask").read_text() == "\n":
            code = 99  # whatever happens here, the script does not wait for ever
            try:
                cwd, *words = (folder / "words").read_text().split("\0")[:-1]
                pairs = (folder / "env").read_text().split("\0")[:-1]
                done = mmaudit(*words, cwd=cwd, env=dict(pair.split("=", 1) for pair in pairs))
                (folder / "out").write_text(done.stdout)
                (folder / "err").write_text(done.stderr)
                code = done.returncode
            finally:
                (folder / "end").write_text(str(code))

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    yield
    (folder / "ask").write_text("enough")
    server.join()


def shell(place, script, **environment):
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    told = {"PATH": path, "HOME": str(place), "PYTHONPATH": str(DOCS.parent)} | environment
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=place,
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
