"""The real command in a process of its own, forked from one that has loaded the program once.

A start costs a second, of which nine tenths are imports; what a start loads, how it ends and how it
is interrupted is asked of processes that start by themselves.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

import pyarrow as pa

from places import ROOT

LOADED = (
    *("mmaudit.__main__", "mmaudit.cli.app", "mmaudit.cli.audits", "mmaudit.cli.commands.corrupt"),
    *("mmaudit.cli.commands.gate", "mmaudit.cli.output", "mmaudit.cli.supervisor"),
    *("mmaudit.gate.judge", "mmaudit.gate.numbers.sampled", "mmaudit.gate.outputs.terminal"),
    *("mmaudit.injection.run", "mmaudit.models.adapters.python", "mmaudit.report.formats.write"),
    *(f"mmaudit.manifest.readers.{name}" for name in ("arrow", "coco", "croissant", "csv")),
    *("mmaudit.measures.tasks.multilabel", "mmaudit.measures.tasks.retrieval"),
    *(f"mmaudit.runs.{name}" for name in ("api", "config", "corrupt", "dry_run", "gate", "run")),
    *("mmaudit.runs.early.plan", "mmaudit.seeds"),
    *(f"mmaudit.audits.{a}.audit" for a in ("contributions", "noisy_pairs", "robustness")),
)
END = os._exit  # before mmaudit keeps code that it is given from calling it
UNSAID = 120  # what Python ends with where its streams do not take the last words


def mmaudit(*words, cwd=None, env=None, loaded=(), supervised=False, whole=False):
    """What ``mmaudit WORDS`` ends with and says, as `subprocess.run` gives it.

    Args:
        words: Of the command.
        cwd: Where it runs.
        env: Its environment.
        loaded: Heavy modules that are there already, or ``module:function`` that loads them; such
            commands have a process of their own to be forked from.
        supervised: Whether a process above it waits for its end, as above every command that runs
            code which it was given. To fork once more what has loaded all takes .1 s of processor.
    """
    command = [*map(str, words)]
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        ask = {"words": command, "cwd": str(cwd or Path.cwd()), "env": dict(env or os.environ)}
        ask |= {"supervised": supervised, "whole": whole}
        server = _server(*loaded)
        server.stdin.write(json.dumps(ask | {"out": str(out), "err": str(err)}) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(command, code, out.read_text(), err.read_text())


@cache
def _server(*more):
    """The process that forks; it ends with the one that asks."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    server = subprocess.Popen(
        [sys.executable, __file__, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    atexit.register(server.communicate)
    return server


def _become(ask):
    """Be a process that has just started with these words."""
    os.chdir(ask["cwd"])
    os.environ.clear()
    os.environ.update(ask["env"])
    files = [os.open(os.devnull, os.O_RDONLY)]
    files += [os.open(ask[name], os.O_WRONLY | os.O_CREAT) for name in ("out", "err")]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.path[0] = os.getcwd()
    sys.argv = ["mmaudit", *ask["words"]]
    if ask["supervised"]:
        importlib.import_module("mmaudit.__main__").run()
    sys.exit(importlib.import_module("mmaudit.cli").main())


def _end(code):
    """What Python does at the end of a process, but for taking apart what is loaded."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not getattr(stream, "closed", False):
            try:
                stream.flush()
            except BaseException:  # noqa: BLE001  as Python does
                code = UNSAID
    END(code)


def _serve():
    for name in (*LOADED, *sys.argv[1:]):
        part = pkgutil.resolve_name(name)
        if callable(part):
            part()
    pa.array([0])  # the first looks for pandas
    sys.modules["mmaudit.seeds"].words(0, "first").u32(
        1
    )  # the first kernel reads all that numba has
    gc.collect()
    gc.freeze()  # or every end of a process copies all that is loaded
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            ask = json.loads(line)
            try:
                _become(ask)
            except SystemExit as end:
                if not ask["whole"]:
                    _end(end.code)
                raise
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve()
