"""Write a corrupted copy of a dataset, with a ledger of what was done to every sample."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mmaudit.errors import UsageError


def command(
    dataset: Annotated[
        str | None, typer.Argument(help="A manifest, or a data path to infer one from.")
    ] = None,
    out: Annotated[Path | None, typer.Argument(help="Folder to write.")] = None,
    apply: Annotated[
        list[str] | None,
        typer.Option(
            help="PART[:SEVERITY or NAME=VALUE,…][@MODALITY], or a set as common:3; in this order."
        ),
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="The same options as a TOML file.")] = None,
    fraction: Annotated[
        float | None, typer.Option(help="Share of the samples to hit; 1 unless said.")
    ] = None,
    severity_per_sample: Annotated[
        bool, typer.Option("--severity-per-sample", help="Draw each sample's severity, 1 to 5.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness; 0 unless said.")] = None,
    split: Annotated[str | None, typer.Option(help="Only samples of this split.")] = None,
    limit: Annotated[
        int | None, typer.Option(help="At most so many samples, chosen by hash of the id.")
    ] = None,
    format: Annotated[str | None, typer.Option(help="same, parquet, webdataset or folder.")] = None,
    scale_with_size: Annotated[
        bool,
        typer.Option("--scale-with-size", help="Parameters in pixels follow the picture's size."),
    ] = False,
    frost_dir: Annotated[str | None, typer.Option(help="Pictures of ice for image/frost.")] = None,
    noise_dir: Annotated[str | None, typer.Option(help="Recordings for audio/noise_file.")] = None,
    rir_dir: Annotated[str | None, typer.Option(help="Impulse responses for audio/reverb.")] = None,
    index: Annotated[
        str | None, typer.Option(help="A mask, donors or labels from a .npy or Parquet file.")
    ] = None,
    calibrate: Annotated[
        str | None,
        typer.Option(help="Dose to reach, as ssim=0.6, snr_db=10, edit_rate=0.1, cosine=0.9."),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="Also measure texts and pictures, as openclip:CONFIG.json@CHECKPOINT."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds that each call of the encoder may take.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open model files that can run code.")
    ] = False,
    preview: Annotated[
        str | None, typer.Option(help="Also draw originals against severities as a PNG.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Units at a time; 1 unless said, and one a core of a cluster."),
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Where units run: local or ray.")] = None,
    address: Annotated[
        str | None,
        typer.Option(help="Ray cluster, as auto or HOST:PORT; one of this machine unless said."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory of all workers for decoded samples, as 512MB; half unless said."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Make only a share of the units, as 1/4 for the first of four; mmaudit merge "
            "joins the parts."
        ),
    ] = None,
    max_skipped: Annotated[
        int | None, typer.Option(help="Values that may be unreadable; 0 unless said.")
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            help="Make OUT/card.json's dataset again and compare; DATASET may say where it is."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the card as JSON.")] = False,
) -> None:
    """Write a corrupted copy of a dataset, with a ledger of what was done to every sample."""
    from mmaudit.cli import corrupt_output

    flags: dict[str, Any] = {
        "apply": tuple(apply) if apply else None,
        "fraction": fraction,
        "severity_per_sample": severity_per_sample or None,
        "seed": seed,
        "split": split,
        "limit": limit,
        "format": format,
        "scale_with_size": scale_with_size or None,
        "frost_dir": frost_dir,
        "noise_dir": noise_dir,
        "rir_dir": rir_dir,
        "index": index,
        "calibrate": calibrate,
        "encoder": encoder,
        "timeout": timeout,
        "workers": workers,
        "engine": engine,
        "address": address,
        "memory": memory,
        "max_skipped": max_skipped,
        "preview": preview,
    }
    options = {key: value for key, value in flags.items() if value is not None}
    if verify is not None:
        more = {"OUT": out, "recipe": recipe, "resume": resume or None, "json": json or None}
        more["trust"] = trust or None
        options |= {} if shard is None else {"shard": shard}
        options |= {key: value for key, value in more.items() if value is not None}
        raise typer.Exit(corrupt_output.verify(verify, dataset, options))
    if dataset is None or out is None:
        raise UsageError("say what to corrupt and where to", fix="mmaudit corrupt DATASET OUT")
    from mmaudit.runs.corrupt import corrupt

    result = corrupt(
        dataset, out, recipe=recipe, trust=trust, resume=resume, shard=shard, **options
    )
    (corrupt_output.show if shard is None else corrupt_output.show_part)(result, out, as_json=json)
    raise typer.Exit  # the dataset is there, whoever reads
