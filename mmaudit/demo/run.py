"""The demo: the whole path on a dataset that it makes itself, offline."""

from collections.abc import Callable
from pathlib import Path

from mmaudit.demo import keypad
from mmaudit.demo.train import train
from mmaudit.errors import UsageError
from mmaudit.runs.config import Finished, run_config
from mmaudit.samples import dataset as data

CONFIG = """\
# What `mmaudit run audit.toml --trust` does: audits, a report, a gate.
schema = 1
dataset = "data/dataset.toml"
model = "python:model.py:factory"

[robustness]
severities = [1, 3, 5]
missing = true
replicates = 300

[contributions]
replicates = 300

[[check]]
id = "clean-accuracy"
metric = "robustness.accuracy{condition=clean}"
min = 0.90

[[check]]
id = "mild-image-damage"
metric = "robustness.accuracy{corruption=image/*,severity=1}"
max_drop = 0.10

[[check]]
id = "mild-text-damage"
metric = "robustness.accuracy{corruption=text/*,severity=1}"
max_drop = 0.15

[[check]]
id = "sound-in-noise"
metric = "robustness.accuracy{corruption=audio/white_noise,severity=3}"
max_drop = 0.10
"""


def demo(out: Path, say: Callable[[str], None], *, workers: int = 2, seed: int = 0) -> Finished:
    """Make the dataset, train the model, audit it, report and judge.

    Args:
        out: An empty or new folder.
        say: Called with a line for each step.
        workers: Units at a time.
        seed: Seed of everything.

    Raises:
        UsageError: The folder is there and is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise UsageError("the folder is not empty", where=str(out), fix="a new one, or remove it")
    say("making the keypad dataset: 1,797 pictures, tones and texts")
    manifest = keypad.make(out / "data", seed)
    say("training a small late-fusion model with modality dropout")
    train(data.open(manifest), out, seed)
    config = out / "audit.toml"
    config.write_text(CONFIG, "utf-8")
    say(f"mmaudit run {config} --out {out / 'run'} --trust")
    return run_config(config, out / "run", trust=True, workers=workers)
