"""Where the features of each modality come from: plain ones, a file, an encoder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mmaudit import parts
from mmaudit.audits.remedies.options import AUTO, PLAIN
from mmaudit.errors import UsageError
from mmaudit.files import digest
from mmaudit.inference.beside import files
from mmaudit.kinds.base import kind_names, load_kind
from mmaudit.models.access import Access
from mmaudit.models.encoding import alone, tower
from mmaudit.models.load import Loaded, file_digest, load
from mmaudit.models.plain_features import featured
from mmaudit.options import ADAPTERS
from mmaudit.remedies.data import FeatureSource

EXAMPLE = "--features image=openclip:config.json@weights.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class FeatureEncoder:
    """A model that makes the features of a modality.

    Attributes:
        loaded: The model.
        input: What the modality is called there.
    """

    loaded: Loaded
    input: str

    def source(self, kind: str) -> FeatureSource:
        """What a trained method says of it, to be opened again."""
        info = self.loaded.info
        return FeatureSource(kind=kind, maker=info.spec, input=self.input, digest=file_digest(info))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSources:
    """Where features come from; plain ones of each modality that stands in neither.

    Attributes:
        places: File and column of the features of a modality.
        encoders: The model that makes them.
        auto: Whether encoders on this machine are tried for the other modalities.
    """

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    encoders: Mapping[str, FeatureEncoder] = field(default_factory=dict)
    auto: bool = False

    def source(self, modality: str, kind: str) -> FeatureSource:
        """What a trained method says of the features of a modality."""
        if modality in self.encoders:
            return self.encoders[modality].source(kind)
        if modality in self.places:
            return FeatureSource(kind="vector")
        return FeatureSource(kind=kind, steps=load_kind(kind).steps)

    def shown(self, modality: str) -> str:
        """The same for people."""
        if modality in self.encoders:
            return self.encoders[modality].loaded.info.spec
        return self.places[modality][0] if modality in self.places else PLAIN

    def identity(self, modalities: Sequence[str]) -> dict[str, str]:
        """What the features of each modality are of, for provenance."""
        digests = {m: one.loaded.info.digest for m, one in self.encoders.items()}
        digests |= {m: digest(path) for m, (path, _) in self.places.items()}
        return {m: " ".join([self.shown(m), *filter(None, [digests.get(m)])]) for m in modalities}


def sources(texts: Sequence[str], kinds: Mapping[str, str], access: Access) -> FeatureSources:
    """Open what was asked for.

    Args:
        texts: ``plain``, ``auto``, ``ADAPTER:WHERE``, or ``MODALITY=`` and a file or that.
        kinds: Kind of each modality of the dataset.
        access: Who named the encoders, and what is allowed.

    Raises:
        UsageError: A text is none of these, a modality is named twice or is not there, an encoder
            encodes none, or a kind has no features.
    """
    own, whole = _parsed([text for text in texts if text not in {PLAIN, AUTO}], kinds)
    if {PLAIN, AUTO} <= set(texts):
        raise UsageError("plain features and auto are two ways to make them", fix="one of them")
    specs = {m: text for m, text in own.items() if _is_spec(text)}
    if access.sha256 and len({*specs.values(), *whole}) != 1:
        raise UsageError(
            "--sha256 pins one file, and there is not one encoder", fix=",sha256=… behind each"
        )
    encoders = {m: FeatureEncoder(_embedding(tower(s, m, access)), m) for m, s in specs.items()}
    for spec in whole:
        for m, encoder in matched(load(spec, access), kinds).items():
            if m not in own:
                if m in encoders:
                    raise UsageError(f"two models encode {m!r}", where=spec, fix="one of them")
                encoders[m] = encoder
    places = {m: files.spec(text) for m, text in own.items() if m not in specs}
    _check_kinds({m: kind for m, kind in kinds.items() if m not in {*encoders, *places}})
    return FeatureSources(places=places, encoders=encoders, auto=AUTO in texts)


def _parsed(texts: Sequence[str], kinds: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What is said of single modalities, and the models of all that they take.

    What was cut at a comma and does not begin with a modality is an option of the model before it.
    """
    own: dict[str, str] = {}
    whole: dict[str, str] = {}
    last: tuple[dict[str, str], str] | None = None
    for text in texts:
        name, equals, rest = text.partition("=")
        if equals and name in kinds:
            if name in own:
                raise UsageError(f"two features of {name!r}", where=text, fix="one of them")
            own[name], last = rest, (own, name) if _is_spec(rest) else None
        elif _is_spec(text):
            whole[text], last = text, (whole, text)
        elif equals and last is not None:
            at, key = last
            at[key] += f",{text}"
        elif equals:
            raise UsageError(
                f"the dataset has no modality {name!r}", fix=f"one of {', '.join(kinds)}"
            )
        else:
            raise UsageError(
                f"{text!r} says no features", fix=f"plain, auto, MODALITY=FILE.npy, or {EXAMPLE}"
            )
    return own, list(whole.values())


def _is_spec(text: str) -> bool:
    """Whether it is ``ADAPTER:WHERE``."""
    return text.partition(":")[0] in parts.names(ADAPTERS)


def matched(loaded: Loaded, kinds: Mapping[str, str]) -> dict[str, FeatureEncoder]:
    """The modalities that a model encodes: those of the name of an input, or else of the kind.

    Args:
        loaded: The model.
        kinds: Kind of each modality of the dataset.

    Raises:
        UsageError: There is none, or its answers are no features.
    """
    out = {}
    for name in loaded.info.modalities:
        ours = [name] if name in kinds else [m for m in kinds if kinds[m] == name]
        if ours and alone(loaded, name):
            out.update({m: FeatureEncoder(_embedding(loaded), name) for m in ours})
    if not out:
        takes = ", ".join(loaded.info.modalities)
        raise UsageError(
            f"it encodes none of {', '.join(kinds)} by itself: it takes {takes}",
            where=loaded.info.spec,
            fix=f"MODALITY={loaded.info.spec}, or a model of one of {', '.join(kind_names())}",
        )
    return out


def _embedding(loaded: Loaded) -> Loaded:
    """The same, refused where its answers are no features."""
    info = loaded.info
    if len(info.modalities) == 1 and info.output != "embeddings":
        raise UsageError(
            f"it answers with {info.output}, which are no features",
            where=info.spec,
            fix="a model of embeddings; ,output=embeddings says what a file gives",
        )
    return loaded


def _check_kinds(plain: Mapping[str, str]) -> None:
    lacking = [m for m, kind in plain.items() if kind not in featured()]
    if lacking:
        raise UsageError(
            f"there are no plain features of {lacking[0]!r}, a {plain[lacking[0]]}",
            fix=f"--features {lacking[0]}=FILE.npy, or {lacking[0]}=ADAPTER:WHERE",
        )
