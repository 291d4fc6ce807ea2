"""Encoders of pairs: one model of both sides, or a tower for each, in spaces of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Vectors
from mmaudit.errors import UsageError
from mmaudit.inference.beside.towers import answers, vectors
from mmaudit.inference.check import check_answers
from mmaudit.models.access import Access
from mmaudit.models.base import TwoStage
from mmaudit.models.encoding import tower
from mmaudit.models.load import Loaded, load
from mmaudit.options import towers

AT_ONCE = 1024  # pairs that a model of two stages fuses at a time
EXAMPLE = "image=onnx:pictures.onnx,output=embeddings,text=python:texts.py:make"


@dataclass(frozen=True, slots=True)
class PairEncoder:
    """What embeds the sides.

    Attributes:
        models: The model of each modality that it embeds.
        spec: How it was asked for.
    """

    models: Mapping[str, Loaded]
    spec: str

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it embeds, in its own order."""
        return tuple(self.models)

    @property
    def both(self) -> Loaded | None:
        """The model of both sides, where there is one."""
        first = next(iter(self.models.values()))
        return first if all(one is first for one in self.models.values()) else None

    @property
    def shared(self) -> bool | None:
        """Whether both sides are in one space; None of towers, of which nobody said."""
        return None if self.both is None else True

    @property
    def digest(self) -> str:
        """Digest of the model, or of the models and of what each embeds."""
        if self.both is not None:
            return self.both.info.digest
        what = "\n".join(f"{name} {one.info.digest}" for name, one in self.models.items())
        return sha256(what.encode()).hexdigest()

    @property
    def origin(self) -> dict[str, str]:
        """What the vectors are of, for provenance."""
        return {"encoder": self.spec, "encoder_digest": self.digest}

    @property
    def distinct(self) -> bool:
        """Always: a model costs more than to tell values apart."""
        return True

    def parts(self, names: tuple[str, str]) -> tuple[tuple[str, ...], ...]:
        """Both together by a model of one stage; else each by itself."""
        together = self.both is not None and not self.both.info.two_stage
        return (names,) if together else (names[:1], names[1:])

    def ready(self, name: str, values: Any) -> Any:
        """What the model of a modality prepares of its values, where it does."""
        prepare = getattr(self.models[name].model, "prepare", None)
        return values if prepare is None else prepare(name, values)

    def check(self, names: tuple[str, str]) -> None:
        """Refuse what does not embed two modalities.

        Raises:
            UsageError: It does not; what each model gives is said.
        """
        for name in names:
            one = self.models.get(name) or next(iter(self.models.values()))
            if one.info.output != "embeddings" or name not in self.models:
                info = one.info
                raise UsageError(
                    f"{self.spec!r} does not embed {names[0]} and {names[1]}",
                    where=f"it gives {info.output} of {', '.join(info.modalities)}",
                    fix="an encoder, as openclip:ViT-B-32@laion2b_s34b_b79k and --modalities "
                    f"image,text; {EXAMPLE}; ,output=embeddings says what a file gives",
                )

    def encode(
        self, part: tuple[str, ...], values: tuple[Any, ...], ids: Sequence[str]
    ) -> tuple[Vectors, ...]:
        """Vectors of each modality of a part, ``(n, d)``.

        Args:
            part: The modalities, one of `parts`.
            values: Of each, ``n``, as `ready` left them.
            ids: What the samples are called in errors.

        Raises:
            InputError: A model answers with another shape, or with what is not finite.
        """
        if len(part) == 1:
            return (vectors(self.models[part[0]], part[0], values[0], ids),)
        loaded = self.models[part[0]]

        def ask(*some: Any) -> Any:
            return loaded.model.scores(dict(zip(part, some, strict=True)), _there(part, some))

        return _columns(loaded, part, answers(ask, loaded.info.spec, values, ids), ids)

    def joined(
        self, names: tuple[str, str], sides: tuple[Vectors, Vectors], ids: Sequence[str]
    ) -> tuple[Vectors, Vectors]:
        """Both sides of ``n`` pairs, as a model of two stages fuses them, or as they are.

        Raises:
            InputError: As of `encode`.
        """
        loaded = self.both
        if loaded is None or not isinstance(model := loaded.model, TwoStage):
            return sides

        def ask(*some: Any) -> Any:
            return model.fuse(dict(zip(names, some, strict=True)), _there(names, some))

        pieces = []
        for start in range(0, len(ids), AT_ONCE):
            at = slice(start, start + AT_ONCE)
            some = sides[0][at], sides[1][at]
            answered = answers(ask, loaded.info.spec, some, ids[at])
            pieces.append(_columns(loaded, names, answered, ids[at]))
        left, right = map(np.concatenate, zip(*pieces, strict=True))
        return left, right


def opened(spec: str, access: Access) -> PairEncoder:
    """Load what embeds both sides.

    Args:
        spec: ``ADAPTER:WHERE`` of a model of both, or ``NAME=ADAPTER:WHERE`` of each, two of them
            joined by a comma.
        access: Who named it, and what is allowed.

    Raises:
        UsageError: There are not two towers, one pin is meant for two files, or a model may not be
            loaded.
    """
    several = towers(spec)
    if not several:
        both = load(spec, access)
        return PairEncoder(dict.fromkeys(both.info.modalities, both), spec)
    if len(several) != 2:
        raise UsageError(f"{len(several)} towers embed no pair", where=spec, fix=EXAMPLE)
    if access.sha256:
        raise UsageError(
            "--sha256 pins one file, and there are two towers",
            where=spec,
            fix=",sha256=… behind each of them",
        )
    return PairEncoder({name: tower(one, name, access) for name, one in several.items()}, spec)


def _there(names: Sequence[str], values: Sequence[Any]) -> dict[str, Bools]:
    return {name: np.ones(len(rows), np.bool_) for name, rows in zip(names, values, strict=True)}


def _columns(
    loaded: Loaded, names: Sequence[str], answered: Any, ids: Sequence[str]
) -> tuple[Vectors, ...]:
    """Embeddings of some modalities, of what a model answers about all of them."""
    rows = check_answers(answered, len(ids), loaded.info, ids)
    return tuple(rows[:, loaded.info.modalities.index(name)] for name in names)
