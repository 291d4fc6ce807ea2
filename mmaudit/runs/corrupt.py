"""Corrupt: a whole dataset made worse, from keywords as from the flags of the command."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mmaudit.engines.declaration import Place, opened
from mmaudit.errors import UsageError
from mmaudit.faults import SOMEONES, Faults
from mmaudit.injection.encoder import Encoder, encoded_kinds, without_folders
from mmaudit.injection.options import CorruptOptions, How, from_recipe
from mmaudit.injection.run import CopyParts, CorruptedCopy, corrupt_dataset
from mmaudit.models.access import PERSON, Access
from mmaudit.models.base import TwoStage
from mmaudit.models.depends import noted
from mmaudit.models.load import Loaded, load, load_again
from mmaudit.patience import require as require_time
from mmaudit.runs.folder import Run
from mmaudit.runs.keywords import Keyword, describe
from mmaudit.runs.places.mirror import Putting
from mmaudit.runs.places.opened import writing
from mmaudit.runs.shards.request import CORRUPT, JobRequest, said, unusual
from mmaudit.samples.dataset import Dataset
from mmaudit.stores.urls import store_of
from mmaudit.tables.shards import JobShard

FIRST = {
    "dataset": Keyword("a manifest, a data path, or an opened dataset", str | Path | Dataset),
    "out": Keyword("folder to write, or its address in a store", str | Path),
}
ACCESS = {
    "recipe": Keyword(
        "a TOML file with the same options; what is said here wins", str | Path | None, None
    ),
    "trust": Keyword("open model files that can run code", bool, default=False),
    "resume": Keyword("go on with an interrupted run", bool, default=False),
    "shard": Keyword(
        "make only a share of the units, as 1/4 for the first of four; merge joins the parts",
        str | None,
        None,
    ),
    "quiet": Keyword("say nothing on stderr", bool, default=False),
}


def corrupt(
    dataset: str | Path | Dataset,
    out: str | Path,
    *,
    recipe: str | Path | None = None,
    trust: bool = False,
    resume: bool = False,
    shard: str | None = None,
    quiet: bool = False,
    **keywords: Any,
) -> CorruptedCopy:
    """Write a corrupted copy of a dataset, with a ledger of what was done to every sample."""
    options, how = from_recipe(recipe, **_plain(keywords))
    named_by = PERSON if "encoder" in keywords or recipe is None else str(recipe)
    access = Access(named_by=named_by, trust=trust, timeout=how.timeout)
    return make_copy(dataset, out, options, how, access, resume=resume, shard=shard, quiet=quiet)


def make_copy(
    dataset: str | Path | Dataset,
    out: str | Path,
    options: CorruptOptions,
    how: How,
    access: Access,
    *,
    resume: bool = False,
    shard: str | None = None,
    parts_of: CopyParts | None = None,
    quiet: bool = False,
) -> CorruptedCopy:
    """Write a corrupted copy of a dataset, a part of one, or what parts are together.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        out: Folder to write, or its address in a store.
        options: What is to be done.
        how: How it goes.
        access: Who named the encoder, and what is allowed.
        resume: Whether to go on with what an interrupted run left.
        shard: The share of the units that is made, as ``1/4``.
        parts_of: The parts that have all units; None to make them.
        quiet: Whether to say nothing on stderr.

    Raises:
        UsageError: The options mean nothing for this dataset, or the folder is taken.
        IncompleteError: More values could not be read than are allowed, or a step changed nothing.
    """
    require_time(how.timeout)
    if how.timeout is not None and options.encoder is None:
        raise UsageError("--timeout is for the calls of an encoder", fix="--encoder, or neither")
    request = JobRequest(
        job=CORRUPT,
        dataset=said(dataset),
        trust=access.trust,
        options=unusual(options) | unusual(how),
    )
    share = None if shard is None else JobShard.of(shard)
    encoder = None if options.encoder is None else _encoder(options.encoder, access)
    place = Place(
        engine=how.engine,
        address=how.address,
        workers=how.workers,
        device="cpu" if encoder is None else access.device,
    )
    faults = Faults.of(options.encoder) if options.encoder else Faults(SOMEONES)
    away = writing(out, "corrupt") if store_of(out) else nullcontext(Run(out))
    here = Place(workers=how.workers) if parts_of else place
    with away as target, opened(here) as runner, faults:
        return corrupt_dataset(
            dataset,
            target.path,
            options,
            runner=replace(runner, engine=Putting(runner.engine, target.path)),
            memory=how.memory,
            resume=resume,
            max_skipped=how.max_skipped,
            preview=how.preview,
            encoder=encoder,
            quiet=quiet,
            shard=share,
            request=None if share is None else request.entries(),
            parts_of=parts_of,
        )


describe(
    corrupt,
    str(corrupt.__doc__),
    FIRST,
    [CorruptOptions, How],
    ACCESS,
    returns=CorruptedCopy,
    defaults={"apply": ()},
)


def _plain(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords as a recipe could hold them: a path is its text."""
    return {key: str(v) if isinstance(v, Path) else v for key, v in keywords.items()}


def _encoder(spec: str, access: Access) -> Encoder:
    """A model that encodes texts or pictures, as one more measure of what was done.

    Args:
        spec: Which model.
        access: Who named it, and what is allowed.

    Raises:
        UsageError: It has no embeddings of an input that is named ``text`` or ``image``, or may not
            be loaded.
    """
    with noted() as needs:
        loaded = load(spec, access)
    model, kinds = loaded.model, set(encoded_kinds()) & set(loaded.info.modalities)
    if not isinstance(model, TwoStage) or loaded.info.output != "embeddings" or not kinds:
        raise UsageError(
            "this model has no embeddings of inputs that are named text or image",
            where=spec,
            fix="openclip:CONFIG.json@CHECKPOINT",
        )
    return Encoder(
        without_folders(spec),
        loaded.info.digest,
        {kind: EncodedKind(loaded, access, kind) for kind in sorted(kinds)},
        asdict(needs),
    )


@dataclass(frozen=True, slots=True)
class EncodedKind:
    """Codes of the values of a kind by a model, which another process loads again.

    Attributes:
        loaded: The model.
        access: How it was loaded.
        kind: The kind.
    """

    loaded: Loaded
    access: Access
    kind: str

    def __call__(self, values: list[Any]) -> Any:
        """Codes; pictures of 16 bits are shown to the model with their upper 8."""
        if self.kind == "image":
            values = [v if v.itemsize == 1 else (v >> 8).astype("uint8") for v in values]
        model: Any = self.loaded.model
        return model.encode(self.kind, values)

    def __reduce__(self) -> tuple[Any, ...]:
        info = self.loaded.info
        return _again, (info.spec, self.access, info.digest, self.kind)


def _again(spec: str, access: Access, digest: str, kind: str) -> EncodedKind:
    return EncodedKind(load_again(spec, access, digest), access, kind)
