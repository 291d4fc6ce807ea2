"""Hostile inputs by the thousand: ``python tests/fuzz/fuzz_run.py SEED CASES [TARGET …]``.

Each case is a command in a child of its own, forked once everything is imported, and waited for by
the process above it as any command is. A fault is exit 70, a traceback, a death by a signal, more
than 60 s, more than 2 GB, or a refusal that is not three lines. A reader that ended the process and
was named is counted (``native``). Inputs of faults, and of those, stay in ``FUZZ_ROOT/faults``
(``FUZZ_ROOT`` is a temporary folder unless it is set).
"""

import collections
import contextlib
import gc
import io
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fuzz_cases import Cases
from fuzz_seeds import build

CODES = {0, 1, 2, 3, 4, 5}
NATIVE = "its reader ended the process"
END = os._exit  # before mmaudit keeps code that it is given from calling it
SECONDS, BYTES = 60, 2 * 10**9


class HangError(BaseException):
    """A case took too long."""


def prepare(root):
    """Whole inputs in a folder, a run and a corrupted dataset among them."""
    base = Path(root) / "base"
    build(base)
    commands = {
        "done": ("answers", [["run", "audit.toml", "--out", "run"]]),
        "worse": (
            "csv",
            [
                [
                    "corrupt",
                    "dataset.toml",
                    "out",
                    "--apply",
                    "text/ocr:2@text",
                    "--apply",
                    "pairing/shuffle:3@text",
                ]
            ],
        ),
    }
    for name, (source, argvs) in commands.items():
        shutil.copytree(base / source, base / name)
        for argv in argvs:
            code, said, _ = here(argv, base / name, 10 * SECONDS)  # also loads everything
            if code not in {0, 1}:
                raise RuntimeError(f"{name}: {code}\n{said}")
    return Cases(base)


def fault(code, said):
    """Why an end is a fault; empty where it is none."""
    if code == 70 or "Traceback (most recent call last)" in said:
        return "traceback"
    if code not in CODES:
        return f"exit {code}"
    if code in {2, 3, 4} and "try:" not in said and "Usage" not in said:
        return "no three lines"
    return ""


def here(argv, folder, seconds=SECONDS):
    """Run a command in this process: exit code, what it said, seconds."""
    from mmaudit.cli import main

    said, began, before = io.StringIO(), time.monotonic(), (sys.argv, Path.cwd())
    old = signal.signal(signal.SIGALRM, _hang)
    signal.alarm(seconds)
    try:
        sys.argv = ["mmaudit", *argv]
        os.chdir(folder)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
        sys.argv = before[0]
        os.chdir(before[1])
    return code, said.getvalue(), time.monotonic() - began


def _hang(_signal, _frame):
    raise HangError(f"still running after {SECONDS} s")


def apart(argv, folder, log):
    """Run a command in a child: exit code (negative for signals), what it said, seconds, bytes."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _child(argv, folder, log)
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        if time.monotonic() - began > SECONDS:
            os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            return "hang", Path(log).read_text(errors="replace"), SECONDS, usage.ru_maxrss * 1024
        time.sleep(0.003)
    said = Path(log).read_text(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    return code, said, time.monotonic() - began, usage.ru_maxrss * 1024


def _child(argv, folder, log):
    code = 99
    try:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**32, 2**32))
        os.chdir(folder)
        sys.argv = ["mmaudit", *argv]
        from mmaudit.cli import main

        code = main(supervised=True)
    except BaseException:  # noqa: BLE001  also what ends a program is said
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    END(code)


def main():
    seed, count, *targets = sys.argv[1:]
    root = Path(os.environ.get("FUZZ_ROOT") or tempfile.mkdtemp(prefix="fuzz-"))
    shutil.rmtree(root / "base", ignore_errors=True)
    os.environ.setdefault("XDG_CACHE_HOME", str(root / "cache"))
    cases = prepare(root)
    targets = targets or cases.targets()
    gc.collect()
    gc.freeze()  # or every end of a process copies all that is loaded
    ends, seen, began = collections.Counter(), set(), time.monotonic()
    peak = slowest = 0
    for number in range(int(count)):
        rng, target = random.Random(f"{seed}-{number}"), targets[number % len(targets)]
        place = root / "case"
        shutil.rmtree(place, ignore_errors=True)
        argv = cases.make(rng, target, place)
        code, said, seconds, size = apart(argv, place, root / "said.txt")
        ends[code] += 1
        peak, slowest = max(peak, size), max(slowest, seconds)
        why = "hang" if code == "hang" else fault(code, said)
        why = why or ("memory" if size > BYTES else "")
        why = why or ("native" if NATIVE in said else "")
        if why:
            ends[why] += 1
            frames = [line.strip() for line in said.splitlines() if 'File "' in line]
            key = (target, why, (frames or [said[-80:]])[-1])
            if key not in seen:
                seen.add(key)
                keep = root / "faults" / f"{seed}-{number}-{target}"
                shutil.rmtree(keep, ignore_errors=True)
                shutil.copytree(place, keep, symlinks=True)
                (keep / "SAID.txt").write_text(" ".join(argv) + "\n" + said)
                last = next((s for s in reversed(said.splitlines()) if "Error" in s), said[-200:])
                own = [f for f in frames if "/mmaudit/" in f]
                print(
                    f"{number} {target} {why} | {' '.join(argv)} | {(own or ['-'])[-1]} | {last[:200]}",
                    flush=True,
                )
        if number % 500 == 499:
            print(
                f"{number + 1}: {dict(ends)}, {(time.monotonic() - began) / (number + 1):.2f} s a case",
                flush=True,
            )
    print(
        f"{count} cases of seed {seed}: {dict(ends)}; kinds of faults {len(seen)}; most {peak / 1e6:.0f} MB, {slowest:.1f} s"
    )
    return 1 if any(why != "native" for _, why, _ in seen) else 0


if __name__ == "__main__":
    import cv2
    import numba
    import scipy.stats
    import sklearn
    import torch

    torch.set_num_threads(1)
    del cv2, numba, scipy, sklearn
    sys.exit(main())
