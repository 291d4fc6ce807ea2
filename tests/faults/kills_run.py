"""Kills by the hundred: ``python tests/faults/kills_run.py SEED KILLS [CASE …]``.

A command is killed at a random time, itself or one of its worker processes, and goes on with
``--resume``, perhaps to be killed again. In the end its folder must be, byte for byte, that of a run
that nobody disturbed, but for what says when a run was. A fault is another byte, a file that is no
whole table, another exit code, a process that goes on, a file that is left behind, or a hang.
"""

import collections
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "kits"))

from kills_cases import BY_WORKERS, CASES, SHARDS, SLOW, UNIT, build, folder, steps

from command import LOADED

SECONDS, PATIENCE = 120, 20  # that a command may take; that a process may go on
OF_A_TIME = re.compile(r"run|\d+")  # of JSON that says when a run was, or how long a unit took
WHEN = re.compile(
    rb"20\d\d-\d\d-\d\d[ T][\d:]+( UTC|\+00:00)|>(workers|wall seconds)</td><td[^<]*<"
)  # on pages
MORE = ("cv2", "numba", "pyarrow.dataset", "scipy.stats", "sklearn", "torch")  # loaded on the way
ENDS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
OF_A_KILLED_WORKER = 5


def prepare(more):
    """Load all that commands load, once, and cut small units."""
    import gc
    import importlib

    for name in (*LOADED, *more):
        importlib.import_module(name)
    from mmaudit.injection.prepare import UnitSize
    from mmaudit.injection.run import corrupt_dataset
    from mmaudit.runs.run import audit

    audit.__kwdefaults__["unit_rows"] = UNIT
    corrupt_dataset.__kwdefaults__["size"] = UnitSize(most=UNIT, many=2)
    gc.collect()
    gc.freeze()


def start(words, folder, said, temporary):
    """Start a command in a session of its own; its process id."""
    pid = os.fork()
    if pid:
        while os.getsid(pid) != pid:  # until then it has no members
            time.sleep(0.001)
        return pid
    os.setsid()
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), out, out)):
        os.dup2(file, number)
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", closefd=False)  # noqa: SIM115
    sys.argv = ["mmaudit", *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # below nohup it is ignored
    import mmaudit.__main__

    mmaudit.__main__.run()
    raise AssertionError("a command ends its process")


def members(session):
    """Processes of a session that have not ended, and which of them are workers."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, _, _, its = (place / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(its) == session and state != "Z":
                    found[int(place.name)] = b"spawn_main" in (place / "cmdline").read_bytes()
            except OSError:
                continue
    return found


def ended(pid, seconds=SECONDS):
    """The exit code of a process, or ``hang``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    for one in members(pid):
        os.kill(one, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "hang"


def tree(out):
    """The files of a folder and what is in them, but for when it was."""
    return {
        str(path.relative_to(out)): b""
        if path.suffix == ".json" and OF_A_TIME.fullmatch(path.stem)
        else WHEN.sub(b"", path.read_bytes())
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def halves(out):
    """Files that bear a final name and are not whole."""
    found = [str(p) for p in out.rglob("[!.]*.parquet") if "data" not in p.parts and not _whole(p)]
    for path in out.rglob("[!.]*.json"):
        try:
            json.loads(path.read_text())
        except ValueError:
            found.append(str(path))
    return found


def _whole(path):
    import pyarrow.parquet as pq

    try:
        pq.ParquetFile(path).close()
    except (OSError, ValueError):
        return False
    return True


class Killing:
    """Trials in a folder, and what they found."""

    def __init__(self, root, cases):
        self.root, self.undisturbed, self.seconds = Path(root), {}, {}
        self.ends, self.faults = collections.Counter(), []
        build(self.root / "data")
        (self.root / "tmp").mkdir()
        for case in cases:
            began = time.monotonic()
            out = self.root / case
            for step in steps(case, out):
                code = ended(self.start(case, step, 1, resume=False))
                if code != 0:
                    raise RuntimeError(f"{case}: {code}\n{(self.root / 'said.txt').read_text()}")
            took = (time.monotonic() - began) / len(steps(case, out))
            self.undisturbed[case], self.seconds[case] = tree(out), took

    def trial(self, rng, case, worker):
        """Kill a command once or twice, go on, and compare; the number of kills."""
        out, kills = self.root / case, 0
        shutil.rmtree(out, ignore_errors=True)
        todo = steps(case, out)
        for _ in range(rng.randrange(len(todo))):
            self.whole(case, todo.pop(0), 1)
        for _ in range(rng.choice((1, 1, 2))):
            if not self._once(rng, case, todo[0], worker):
                break
            kills += 1
        self.go_on(case, todo, rng.choice((1, 1, 2)) if case in BY_WORKERS else 1)
        return kills

    def whole(self, case, step, workers):
        """Let a command end by itself, from what is there."""
        code = ended(self.start(case, step, workers, resume=self._begun(step.out)))
        if code != 0:
            self.fault(case, f"{step.words[0]} that nobody disturbed ended with {code}")

    def go_on(self, case, todo, workers):
        """Do what is left to do, and compare."""
        for step in todo:
            self.whole(case, step, workers)
        out = self.root / case
        there, wanted = tree(out), self.undisturbed[case]
        differ = [n for n in sorted(there.keys() | wanted) if there.get(n) != wanted.get(n)]
        if differ:
            a, b = there.get(differ[0], b""), wanted.get(differ[0], b"")
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            near = slice(max(0, at - 40), at + 80)
            self.fault(case, f"other bytes: {differ[:5]}: {a[near]!r} for {b[near]!r}")

    def _once(self, rng, case, step, worker):
        """Kill a command, or a worker of it; whether it was there to be killed."""
        pid = self.start(case, step, 2 if worker else 1, resume=self._begun(step.out))
        victim, stop = pid, rng.choice((*[signal.SIGKILL] * 5, *ENDS))
        if worker:
            victim, stop = self.worker(pid), signal.SIGKILL
            time.sleep(rng.random() ** 2 * 2.5)
        else:
            time.sleep(rng.random() * self.seconds[case])
        done, status = os.waitpid(pid, os.WNOHANG) if victim else (0, 0)
        if victim and not done:
            try:
                os.kill(victim, stop)
            except ProcessLookupError:
                victim = None
        code = os.waitstatus_to_exitcode(status) if done else ended(pid)
        wanted = {OF_A_KILLED_WORKER} if worker else {ENDS[stop], -stop}  # in its first moment
        self.ends[code] += 1
        if code not in {0, *wanted}:
            self.fault(case, f"{stop.name} of {'a worker' if worker else 'it'}: {code}")
        self.nothing_left(case, pid, step.out)
        return bool(victim) and code in wanted

    def worker(self, pid):
        """A worker of a process, as soon as there is one; None where it ends without."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and members(pid).keys() - {None}:
            workers = [one for one, is_worker in members(pid).items() if is_worker]
            if workers:
                return workers[0]
            time.sleep(0.02)
        return None

    def nothing_left(self, case, pid, out):
        until = time.monotonic() + PATIENCE
        while members(pid) and time.monotonic() < until:
            time.sleep(0.05)
        if left := members(pid):
            self.fault(case, f"processes go on: {left}")
            for one in left:
                os.kill(one, signal.SIGKILL)
        if broken := halves(out):
            self.fault(case, f"half written: {broken[:5]}")
        if left := [p.name for p in (self.root / "tmp").iterdir()]:
            self.fault(case, f"left in the temporary folder: {left[:5]}")
            shutil.rmtree(self.root / "tmp")
            (self.root / "tmp").mkdir()

    def start(self, case, step, workers, *, resume):
        place = self.root / "data" / folder(case)
        words = step.line(workers, resume=resume)
        return start(words, place, self.root / "said.txt", self.root / "tmp")

    @staticmethod
    def _begun(out):
        return (out / "card.json").exists() or any(out.rglob("plan.json"))

    def fault(self, case, what):
        self.faults.append((case, what, (self.root / "said.txt").read_text()[-600:]))


def few():
    """Kill a worker, then what goes on from there by each signal, always in the middle."""
    root = tempfile.mkdtemp(prefix="kills-")  # not as a context: a forked command would leave it
    killing, case = Killing(root, ["robustness"]), "robustness"
    out, os.environ[SLOW] = killing.root / case, "0.1"
    todo = steps(case, out)
    shutil.rmtree(out)
    for stop in (None, signal.SIGTERM, signal.SIGHUP):
        before = len(list(out.rglob("samples/[0-9]*")))
        pid = killing.start(case, todo[0], 2, resume=stop is not None)
        victim = killing.worker(pid)
        while len(list(out.rglob("samples/[0-9]*"))) == before and members(pid):
            time.sleep(0.02)
        os.kill(pid if stop else victim, stop or signal.SIGKILL)
        code = ended(pid)
        if code != (ENDS[stop] if stop else OF_A_KILLED_WORKER):
            killing.fault(case, f"{stop} ended with {code}")
        killing.nothing_left(case, pid, out)
    os.environ.pop(SLOW)
    killing.go_on(case, todo, 1)
    shutil.rmtree(root)
    return killing.faults


def main():
    seed, count, *cases = sys.argv[1:]
    if count == "few":
        faults = few()
        print(*faults, sep="\n")
        return 1 if faults else 0
    root, cases = Path(tempfile.mkdtemp(prefix="kills-")), cases or [*CASES, *SHARDS]
    killing = Killing(root, cases)
    print({case: round(s, 1) for case, s in killing.seconds.items()}, root, flush=True)
    kills, of_workers, number, began = collections.Counter(), 0, 0, time.monotonic()
    while sum(kills.values()) < int(count):
        rng, case, before = (
            random.Random(f"{seed}-{number}"),
            cases[number % len(cases)],
            len(killing.faults),
        )
        worker = case in BY_WORKERS and (number // len(cases)) % 4 != 3
        done = killing.trial(rng, case, worker)
        kills[case] += done
        of_workers += done if worker else 0
        for fault in killing.faults[before:]:
            print(number, *fault, sep="\n  ", flush=True)
        if number % 20 == 19:
            print(
                f"{number + 1}: {sum(kills.values())} kills, {of_workers} of workers, {time.monotonic() - began:.0f} s",
                flush=True,
            )
        number += 1
    print(
        f"{sum(kills.values())} kills of seed {seed} in {number} trials, {of_workers} of them of a "
        f"worker: {dict(kills)}; ends {dict(killing.ends)}; faults {len(killing.faults)}"
    )
    return 1 if killing.faults else 0


if __name__ == "__main__":
    prepare(MORE if "few" not in sys.argv else ())
    sys.exit(main())
