"""The demo: the whole path on a dataset that it makes itself, offline."""

from collections.abc import Callable
from pathlib import Path

from mmaudit import extras, files, locks
from mmaudit.errors import MissingError
from mmaudit.runs.api import function
from mmaudit.runs.config import Finished, run_config
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset

Say = Callable[[str], None]

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
id = "every-modality-used"  # the checks below look at drops: a modality that is ignored has none
metric = "contributions.phi{value=p_true,modality=*}"
min = 0.10

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

# Once a run has a name (mmaudit baseline set main RUN), judged with --baseline main:
# [[check]]
# id = "clean-as-good-as-main"
# metric = "robustness.accuracy{condition=clean}"
# max_drop = 0.02
# against = "baseline"
# fail_when = "proven"
"""


def quiet(line: str) -> None:
    """Say nothing."""


def demo(
    out: str | Path = "mmaudit-demo", say: Say = quiet, *, workers: int = 2, seed: int = 0
) -> Finished:
    """Make the dataset, train the models, audit them, report and judge.

    Args:
        out: An empty or new folder.
        say: Called with a line for each step; says nothing unless given.
        workers: Units at a time.
        seed: Seed of everything.

    Raises:
        UsageError: The folder is there and is not empty.
        MissingError: torch or scikit-learn are not installed.
    """
    extras.require("the demo", "torch", "safetensors", "sklearn")
    from mmaudit.demo import keypad  # noqa: PLC0415  after what it needs
    from mmaudit.demo.train import train  # noqa: PLC0415

    out = Path(out)
    files.require_empty(out, fix="a new one, or remove it")
    with locks.alone(out, "demo"):
        say("making the keypad dataset: 1,797 pictures, tones and texts")
        manifest = keypad.make(out / "data", seed)
        say("training a small late-fusion model with modality dropout")
        whole = data.open(manifest)
        train(whole, out, seed)
        find_mismatched(whole, out, say, workers=workers, seed=seed)
        config = out / "audit.toml"
        config.write_text(CONFIG, "utf-8")
        say(f"mmaudit run {config} --out {out / 'run'} --trust")
        return run_config(config, out / "run", trust=True, workers=workers)


def find_mismatched(
    whole: Dataset, out: Path, say: Say, *, workers: int = 2, seed: int = 0
) -> None:
    """Look for planted mismatches with a small CLIP; without open_clip say that it is left out.

    Args:
        whole: The keypad dataset, in ``out / "data"``.
        out: The demo's folder.
        say: Called with a line for each step.
        workers: Threads that decode.
        seed: Seed of the model and of the mismatches.
    """
    from mmaudit.demo import clip, pairs  # noqa: PLC0415  after what they need

    say("training a tiny open_clip model on the pictures and texts of its training split")
    try:
        encoder = clip.train(whole, out, seed)
    except MissingError as error:
        say(f"left out, the pairs that do not belong together: {error.what} ({error.fix})")
        return
    manifest = pairs.make(out / "data", seed)
    flags = f"--encoder {encoder} --truth {pairs.TRUTH}"
    say(f"mmaudit noisy-pairs {manifest} {flags} --out {out / 'run'}")
    run = function("noisy_pairs")(
        manifest, encoder=encoder, truth=pairs.TRUTH, seed=seed, workers=workers, out=out / "run"
    )
    rows = run["noisy_pairs/summary"].arrow().to_pylist()
    score = next(row["estimate"] for row in rows if row["metric"] == "truth_auroc")
    say(
        f"{pairs.SHARE:.0%} of {score['n']} texts were exchanged: a wrong pair looks worse than a "
        f"right one in {score['value']:.1%} of the cases [{score['low']:.1%}, {score['high']:.1%}]"
    )
