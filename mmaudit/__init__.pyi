"""Audit multimodal datasets, and the models trained on them, under low-quality data."""

# Made by `make docs` from the options of the audits: to be compared, not edited.
from pathlib import Path
from typing import Literal

from mmaudit.injection.run import CorruptedCopy as CorruptedCopy
from mmaudit.injection.torch_dataset import Corrupted as Corrupted
from mmaudit.samples.dataset import Dataset as Dataset
from mmaudit.rows import Estimate as Estimate
from mmaudit.errors import IncompleteError as IncompleteError
from mmaudit.errors import InputError as InputError
from mmaudit.errors import MMAuditError as MMAuditError
from mmaudit.errors import MissingError as MissingError
from mmaudit.runs.folder import Run as Run
from mmaudit.errors import UsageError as UsageError
from mmaudit.runs.baselines import baseline as baseline
from mmaudit.injection.values import corrupt_value as corrupt_value
from mmaudit.demo.run import demo as demo
from mmaudit.runs.diff import diff as diff
from mmaudit.models.doctor import findings as doctor
from mmaudit.runs.gate import gate as gate
from mmaudit.runs.history.history import history as history
from mmaudit.manifest.write import write as init
from mmaudit.runs.listing import list_parts as list_parts
from mmaudit.runs.api import load as load
from mmaudit.runs.shards.merge import merge as merge
from mmaudit.runs.report import report as report
from mmaudit.runs.config import run_config as run
from mmaudit.audits.contributions.training.replan import training_plan as training_plan

__version__: str
HOMES: dict[str, str]
__all__ = [
    "Corrupted",
    "Dataset",
    "Estimate",
    "IncompleteError",
    "InputError",
    "MMAuditError",
    "MissingError",
    "Run",
    "UsageError",
    "__version__",
    "adaptivity",
    "baseline",
    "contributions",
    "corrupt",
    "corrupt_value",
    "demo",
    "diff",
    "doctor",
    "gate",
    "history",
    "init",
    "inspect",
    "list_parts",
    "load",
    "merge",
    "noisy_pairs",
    "remedies",
    "report",
    "robustness",
    "run",
    "training_plan",
]

def adaptivity(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = None,
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    corruptions: tuple[str, ...] | list[str] | str = ('image/gaussian_noise', 'image/motion_blur', 'image/low_light', 'text/keyboard', 'text/word_delete', 'text/ocr', 'audio/white_noise', 'audio/packet_loss', 'audio/low_pass', 'series/gaussian_noise', 'series/random_drop', 'series/stuck_value', 'table/gaussian_noise', 'table/drop_entry', 'table/stale_value', 'vector/gaussian_noise', 'vector/dropout'),
    absent: str | None = None,
    budget: int | None = None,
    natural: bool = False,
    bursts: bool = False,
    margin: float = 0.1,
    replicates: int = 1000,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Adaptivity: whether the model's trust moves off the modality that got worse.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to audit; 'all' for every row (default: test where there is one).
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete.
        corruptions: corruptions, as names, patterns, or subsets such as noise; every sample draws one for each modality.
        absent: absence policy: model, zeros, mean, blank, marginal:K.
        budget: passes a sample; where they do not pay for every coalition, some are sampled.
        natural: also hold trust in clean samples against their natural quality, by the checks of inspect.
        bursts: damage one stretch of each series and sound, whose share of the duration is the dose.
        margin: within which an adaptivity is as good as none.
        replicates: bootstrap replicates of the intervals of curves.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """

def contributions(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = None,
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    value: tuple[str, ...] | list[str] | str = (),
    absent: tuple[str, ...] | list[str] | str = (),
    budget: int | None = None,
    unimodal: tuple[str, ...] | list[str] | str = (),
    coalitions: bool = False,
    overfitting: bool = False,
    checkpoint: tuple[str, ...] | list[str] | str = (),
    training_plan: str | Path | None = None,
    training_plan_level: Literal['sample', 'modality'] = 'sample',
    detail: tuple[str, ...] | list[str] | str = (),
    detail_explainer: Literal['permutation', 'partition'] = 'permutation',
    detail_samples: int = 20,
    replicates: int = 1000,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Contributions: how much each modality brings to each prediction, and whether they overlap.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to audit; 'all' for every row (default: test where there is one).
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete.
        value: what an answer is worth: p_true, margin, neg_loss, correct, correct_size, p_predicted, entropy_drop; neg_squared_error for numbers; similarity for embeddings; p_labels, labels_correct, p_label:NAME for several labels.
        absent: absence policies, side by side: model, zeros, mean, blank, marginal:K, or an imputer: ridge, knn:K, conditional:K.
        budget: passes a sample; where they do not pay for every coalition, some are sampled.
        unimodal: separately trained models of one modality, as MODALITY=ADAPTER:WHERE, which all together are compared with; probes stand in for those not named; none: this model alone.
        coalitions: also write the worth of every coalition.
        overfitting: also ask about as many training samples, to tell what was learnt but does not hold.
        checkpoint: earlier states of the model, first to last, as ADAPTER:WHERE: who takes over in training.
        training_plan: file (.parquet or .csv) for which samples to repeat with which modality masked; choose --split train.
        training_plan_level: what the plan repeats: samples that a modality brings little to, or random ones with the modality that brings least.
        detail: modalities to open: which words, patches or stretches the answers hang on.
        detail_explainer: how pieces share: permutation (Shapley values) or partition (a tree, Owen values).
        detail_samples: how many samples are opened, chosen by hash.
        replicates: bootstrap replicates of every interval.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """

def corrupt(
    dataset: str | Path | Dataset,
    out: str | Path,
    *,
    apply: tuple[str, ...] | list[str] | str = (),
    fraction: float = 1.0,
    severity_per_sample: bool = False,
    seed: int = 0,
    split: str | None = None,
    limit: int | None = None,
    format: Literal['same', 'parquet', 'webdataset', 'folder'] = 'same',
    scale_with_size: bool = False,
    frost_dir: str | None = None,
    noise_dir: str | None = None,
    rir_dir: str | None = None,
    index: str | None = None,
    calibrate: str | None = None,
    encoder: str | None = None,
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    timeout: float | None = None,
    preview: str | None = None,
    recipe: str | Path | None = None,
    trust: bool = False,
    resume: bool = False,
    shard: str | None = None,
    quiet: bool = False,
) -> CorruptedCopy:
    """Write a corrupted copy of a dataset, with a ledger of what was done to every sample.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        out: folder to write, or its address in a store.
        apply: what to do, PART[:SEVERITY][@MODALITY], in this order.
        fraction: share of the samples that corruptions of samples hit.
        severity_per_sample: draw the severity of each sample, 1 to 5.
        seed: seed of all randomness.
        split: only samples of this split.
        limit: at most so many samples, chosen by hash of the id.
        format: how the output is stored.
        scale_with_size: parameters in pixels follow min(height, width) / 224.
        frost_dir: pictures of ice for image/frost.
        noise_dir: recordings for audio/noise_file.
        rir_dir: impulse responses for audio/reverb.
        index: a mask, donors or labels instead of a plan's own.
        calibrate: dose to reach, as ssim=0.6.
        encoder: what also measures texts and pictures.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine).
        memory: memory that all workers may take for decoded samples, as 512MB.
        max_skipped: values that may be unreadable.
        timeout: seconds that each call of the encoder may take; as long as it takes unless said.
        preview: picture of originals against severities.
        recipe: a TOML file with the same options; what is said here wins.
        trust: open model files that can run code.
        resume: go on with an interrupted run.
        shard: make only a share of the units, as 1/4 for the first of four; merge joins the parts.
        quiet: say nothing on stderr.
    """

def inspect(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = 'all',
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 2147483648,
    checks: tuple[str, ...] | list[str] | str = ('*/*',),
    limits: tuple[str, ...] | list[str] | str = (),
    reference: str | None = None,
    fdr: float = 0.05,
    embeddings: tuple[str, ...] | list[str] | str = (),
    exact: bool = False,
    drop: tuple[str, ...] | list[str] | str = ('*',),
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Inspect: what is in a dataset, and what is wrong with it, before any model.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to inspect; 'all' for every row.
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete; here what cannot be read is a finding.
        checks: checks to make, as names or patterns; mmaudit list checks.
        limits: fixed limits of checks, as image/blur=-2.5,text/words=3, in place of their own.
        reference: split of good samples; values of the others are held against it.
        fdr: false discovery rate of the values that are called bad for the rest of the data.
        embeddings: vectors of values, as image=a.npy,text=b.npy or NAME=FILE.parquet:COLUMN: values whose vectors nearly agree are near copies, and small models learn from them.
        exact: look for equal values alone, not for near copies.
        drop: findings for which --filtered leaves samples out, as names or patterns of checks.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """

def noisy_pairs(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = 'all',
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    modalities: tuple[str, ...] | list[str] | str = (),
    embeddings: tuple[str, ...] | list[str] | str = (),
    encoder: str | None = None,
    cache: str | None = None,
    space: Literal['auto', 'shared', 'separate'] = 'auto',
    method: Literal['combined', 'similarity', 'neighbours', 'head', 'ncr'] = 'combined',
    fdr: float = 0.05,
    flag_at: float = 0.5,
    fraction: float | None = None,
    threshold: float | None = None,
    force: bool = False,
    accept: float = 0.05,
    curves: str | None = None,
    shard_column: str | None = None,
    truth: str | None = None,
    plant: float | None = None,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Noisy pairs: which pairs do not belong together, how many there are, and how sure that is.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to audit; 'all' for every row.
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete.
        modalities: the two modalities of a pair.
        embeddings: vectors of both sides, as image=a.npy,text=b.npy or NAME=FILE.parquet:COLUMN.
        encoder: what embeds both sides, ADAPTER:WHERE, or each, NAME=ADAPTER:WHERE,NAME=ADAPTER:WHERE; self trains small towers on this data.
        cache: folder in which embeddings are kept, by content and encoder.
        space: whether both sides share one space, so that their cosine means something.
        method: detector that ranks the pairs; ncr is in-sample and gives no p-values.
        fdr: false discovery rate of the list of matched pairs.
        flag_at: local false discovery rate above which a pair is flagged.
        fraction: flag this share of the pairs, the most suspicious, whatever the evidence.
        threshold: flag pairs whose cosine is below this, whatever the evidence.
        force: flag pairs by the estimated rate even where nothing can be told.
        accept: share of mismatches up to which the verdict is clean.
        curves: losses of your own training: Parquet with id, losses, planted (mismatched on purpose).
        shard_column: column of the data that says what was written together, such as a session; default: the files.
        truth: column of the data that says which pairs are mismatched, for a self-test.
        plant: also plant this share of known mismatches of each kind in a scratch copy.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """

def remedies(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = None,
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    methods: tuple[str, ...] | list[str] | str = ('*',),
    against: tuple[str, ...] | list[str] | str = (),
    for_run: str | None = None,
    train_with: tuple[str, ...] | list[str] | str = (),
    features: tuple[str, ...] | list[str] | str = ('plain',),
    seeds: int = 5,
    steps: int = 400,
    width: int = 64,
    budget: float | None = None,
    margin: float = 0.02,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Remedies: which of the field's methods help on this data, each trained and judged alike.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to audit; 'all' for every row (default: test where there is one).
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete.
        methods: methods, as names or patterns such as 'balance/*'; controls are always beside them.
        against: damage that methods are judged under, as PART[:SEVERITY][@MODALITY]; without a severity at 1, 3 and 5.
        for_run: a run: the damage is what costs its model most in robustness, of each modality; methods, if none are named, dynamic and generic ones against it, and those of balance where contributions raise a flag of it.
        train_with: damage that every method is also trained with, as PART[:SEVERITY][@MODALITY]: a damaged copy of each training sample beside the clean one.
        features: plain; ADAPTER:WHERE of an encoder, or MODALITY=ADAPTER:WHERE; MODALITY=FILE.npy with a row for every row of the source; auto: an encoder that is on this machine, where it does better on held-out training rows.
        seeds: trainings of each method, each with a seed of its own.
        steps: updates of a training.
        width: numbers that each modality is encoded as.
        budget: minutes that training and judging may take: controls, and as many methods as then fit, by a few updates of each.
        margin: difference in accuracy that matters.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """

def robustness(
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    seed: int = 0,
    split: str | None = None,
    limit: int | None = None,
    batch_size: int = 256,
    device: Literal['auto', 'cpu', 'cuda'] = 'auto',
    workers: int | None = None,
    engine: str = 'local',
    address: str | None = None,
    resume: bool = False,
    shard: str | None = None,
    timeout: float | None = None,
    memory: str | None = None,
    max_skipped: int = 0,
    corruptions: tuple[str, ...] | list[str] | str = ('*/*',),
    severities: tuple[int | str, ...] | list[int | str] | int | str = (1, 3, 5),
    joint: bool = False,
    missing: bool = False,
    unimodal: tuple[str, ...] | list[str] | str = (),
    patterns: Literal['all', 'own'] = 'all',
    protocol: tuple[str, ...] | list[str] | str = (),
    joint_missing: bool = False,
    absent: tuple[str, ...] | list[str] | str = (),
    worst_case: bool = False,
    draws: int = 1,
    attack: tuple[str, ...] | list[str] | str = (),
    attack_steps: int = 10,
    attack_restarts: int = 1,
    replicates: int = 1000,
    measures: tuple[str, ...] | list[str] | str = (),
    breaking_point: str | None = None,
    out: str | Path | None = None,
    trust: bool = False,
    sha256: str | None = None,
    quiet: bool = False,
) -> Run:
    """Robustness: how far a model's answers fall as the data gets worse.

    Args:
        dataset: a manifest, a data path, or an opened dataset.
        model: ADAPTER:WHERE, any object with modalities and scores, or a fitted estimator.
        seed: seed of all randomness.
        split: split to audit; 'all' for every row (default: test where there is one).
        limit: use only this many samples, chosen by hash of the id.
        batch_size: samples a forward pass.
        device: where the model runs.
        workers: units at a time (default: 1; with ray, one a core of the cluster).
        engine: where units run: local or ray.
        address: Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which ends with the command).
        resume: go on from an interrupted run in the same folder.
        shard: only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts.
        timeout: seconds that a model may take for a batch; then the run ends, and can be gone on with.
        memory: memory that all workers may take for decoded samples, as 512MB (default: half of what there is).
        max_skipped: samples that may be unreadable before the run counts as incomplete.
        corruptions: corruptions to apply, as names, patterns, or subsets such as common.
        severities: severities to apply, 1 to 5, or a severities.json of corrupt --calibrate.
        joint: also corrupt all modalities at once.
        missing: also ask with every subset of modalities present.
        unimodal: with --missing: separately trained models of one modality, as MODALITY=ADAPTER:WHERE, which what is left is compared with; probes stand in for those not named; none: nothing.
        patterns: with --missing: all 2^M - 1 subsets, or only the dataset's own, the sets of modalities that its samples have.
        protocol: also take modalities away as papers do, as NAME[:MODALITY][:NUMBER]: mmp:text, mmp:both:0.7, psp:0.5, random-rate:0.3, severe:text:0.1, brats15, rates:image=0.5,text=0.1, mcar:0.3, mcar-modality:0.3, mar:0.3, mnar:0.3, block:0.3, monotone:0.5, patterns:0.5; mmaudit list corruptions 'missing/*'.
        joint_missing: also apply every corruption of a modality while each other one is absent, and say how much more it costs then.
        absent: absence policies: model, zeros, mean, blank, marginal:K, or an imputer: ridge, knn:K, conditional:K.
        worst_case: also, for each sample, the worst of the corruptions of a modality at each severity.
        draws: with --worst-case, draws of each corruption's randomness to choose among.
        attack: modalities to attack through the model's gradients (PGD), as names or patterns.
        attack_steps: with --attack, steps from each start.
        attack_restarts: with --attack, starts at each severity.
        replicates: bootstrap replicates of every interval.
        measures: further measures of the answers, by name; mmaudit list measures.
        breaking_point: instead of a grid find the severity at which the primary metric crosses a limit (0.8, or drop:0.1 for a drop of 0.1), by bisection of severities 1 to 5.
        out: run directory; a temporary one where there is none.
        trust: open model files that can run code.
        sha256: digest that the model file must have.
        quiet: say nothing on stderr.
    """
