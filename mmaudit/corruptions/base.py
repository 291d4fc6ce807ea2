"""What a corruption is: frozen data and a pure function, on one sample or on the set of ids."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeVar, get_args

from numpy.typing import NDArray

from mmaudit import contract
from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.doses.base import Context, Dose
from mmaudit.errors import UsageError
from mmaudit.seeds import Words

X = TypeVar("X")
S = TypeVar("S", bound=NamedTuple)
Keeps = Literal["shape", "dtype", "range", "length", "cells"]
Need = Literal["rate", "column", "donors"]  # of the `Context` of a sample
RowsNeed = Literal["texts", "scores", "texts_or_scores"]  # of the `Rows` of a set
Makes = Literal["mask", "donors", "labels"]
RateOf = Literal["cells", "modality", "samples", "complete", ""]
FolderOption = Literal["frost_dir", "noise_dir", "rir_dir"]  # those of ``mmaudit corrupt``
SEVERITIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFolder:
    """Files that a user brings along for a corruption.

    Attributes:
        option: The option that names the folder.
        kind: What is read from it: ``image`` is pictures ``(h, w, 3)`` uint8, ``audio`` recordings
            ``(time, channel)`` float32 at the rate of the modality.
        holds: What it holds, for people, as ``recordings of noise``.
        use: Function of the corruption and all that was read to the one that is applied. None: the
            corruption stays what it is. Where that one needs donors, it gets one of what was read.
        required: Whether the corruption is nothing without it.
        instead: What needs no folder, for people.
    """

    option: FolderOption
    kind: Literal["image", "audio"]
    holds: str
    use: Callable[["AnyCorruption", tuple[Any, ...]], "AnyCorruption"] | None = None
    required: bool = False
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption(Generic[X, S]):
    """A named way in which one modality of one sample gets worse, in five ordered severities.

    Attributes:
        apply: Pure function ``(clean, severity, words, **needs) -> corrupted``. It reads no other
            state, draws all its randomness from ``words``, and leaves ``clean`` unchanged.
        severities: Parameters from mild to severe; severity 1 is ``severities[0]``.
        units: Unit of every parameter of a severity.
        keeps: What ``apply`` promises not to change; the contract test checks each promise.
            ``cells``: what a cell of a table becomes is empty, or another value of its column.
        dose: How what was done is measured.
        source: Paper and constants, and where we differ.
        needs: What of the `Context` is passed to ``apply``, as keyword arguments.
        donors: How many other samples it needs, where it needs donors.
        version: Raised whenever the output changes; written into tables and cards.
        nested: Severities of one sample share noise, so damage rises for each sample; False, with
            the reason in ``source``, where the reference's own severities are not ordered.
        pixels: Parameters in pixels of a picture of 224; what ``--scale-with-size`` multiplies.
        folder: Files that a user can bring along, where it takes such.
        batch: The same for many samples at once, ``(list of clean, severity, keys) -> list``, with
            one uint64 key a sample as from `mmaudit.seeds.digests`; the same bytes as ``apply``.
    """

    apply: Callable[..., X]
    severities: tuple[S, ...]
    units: Mapping[str, str]
    keeps: frozenset[Keeps]
    dose: Dose
    source: str
    needs: tuple[Need, ...] = ()
    donors: int = 0
    version: int = 1
    nested: bool = True
    pixels: frozenset[str] = frozenset()
    folder: UserFolder | None = None
    batch: Callable[..., list[X]] | None = None

    @property
    def outside(self) -> bool:
        """Whether it is nothing without a folder that the user names."""
        return self.folder is not None and self.folder.required

    def damage(self, clean: X, severity: int, words: Words, context: Context) -> X:
        """Apply one severity; 0 is the identity and returns ``clean`` itself.

        Raises:
            UsageError: The severity is not 0 … 5, or the dataset cannot give what it needs.
        """
        if severity == 0:
            return clean
        return self.apply(clean, self.at(severity), words, **self._needed(context))

    def at(self, severity: int) -> S:
        """The parameters of severity 1 … 5."""
        return at(self.severities, severity)

    def _needed(self, context: Context) -> dict[str, Any]:
        arguments: dict[str, Any] = {need: getattr(context, need) for need in self.needs}
        lacking = [need for need, value in arguments.items() if not value]
        if lacking:
            raise UsageError(
                f"this corruption needs {' and '.join(lacking)} of the dataset",
                fix="apply it to a dataset with at least two samples and training statistics",
            )
        return arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a plan may know of the whole set; row ``i`` of every array is sample ``ids[i]``.

    Attributes:
        ids: Sample ids, unique.
        modalities: Names of the modalities, in the manifest's order.
        present: Which are there to begin with, ``(n, modality)``.
        labels: Class index of each sample, ``(n,)``, where the target is a class.
        classes: How many classes there are.
        groups: Group of each sample (photo, site, session), ``(n,)``, where the manifest has one.
        scores: One number a sample by name (a metadata column, a norm of a modality), ``(n,)``.
            Only for plans that need scores.
        texts: One text a sample by name of the text modality. Only for plans that need texts.
    """

    ids: list[str]
    modalities: tuple[str, ...]
    present: Bools
    labels: Ints | None = None
    classes: int = 0
    groups: NDArray[Any] | None = None
    scores: Mapping[str, Floats] = field(default_factory=dict)
    texts: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Generic[S]):
    """A corruption of the set: which modality is absent, which partner is wrong, which label.

    A plan is a pure function of the *set* of ids, the seed and the parameters: the order of the
    rows does not matter, counts are exact, and a milder severity is contained in a worse one.

    Attributes:
        plan: ``(rows, severity, seed) -> array`` with one row a sample; see ``makes``.
        makes: ``mask`` is ``(n, modality)`` bool, True where a modality is made absent;
            ``donors`` is ``(n,)`` int64, the row whose value is taken (its own where unchanged);
            ``labels`` is ``(n,)`` int64, the new class index.
        severities: Parameters from mild to severe.
        units: Unit of every parameter.
        source: Paper and definition, and where we differ.
        needs: What of the `Rows` it reads that costs a pass over the values: ``texts``, ``scores``,
            or ``texts_or_scores`` for texts, and scores where the dataset has no text. All else is
            always there.
        version: Raised whenever the output changes.
        reported: Severity with the parameters that its paper reports first.
        rate_of: What its first parameter is the rate of in a complete set: absent ``cells``, those
            of each ``modality``, incomplete ``samples``, or ``complete`` samples; empty where it
            is another thing.
        by_modality: Parameter that holds one number a modality, which may be named one by one;
            empty where there is none.
    """

    plan: Callable[[Rows, S, int], NDArray[Any]]
    makes: Makes
    severities: tuple[S, ...]
    units: Mapping[str, str]
    source: str
    needs: tuple[RowsNeed, ...] = ()
    version: int = 1
    reported: int = 3
    rate_of: RateOf = ""
    by_modality: str = ""

    def at(self, severity: int) -> S:
        """The parameters of severity 1 … 5."""
        return at(self.severities, severity)


AnyCorruption = Corruption[Any, Any]
AnyPlan = Plan[Any]


def at(severities: tuple[S, ...], severity: int) -> S:
    """The parameters of one severity; others than 1 … 5 are refused."""
    if not 1 <= severity <= len(severities):
        raise UsageError(
            f"there is no severity {severity}", fix=f"a number from 1 to {len(severities)}"
        )
    return severities[severity - 1]


def check(name: str, part: object) -> None:
    """Refuse a module that has neither a sound ``CORRUPTION`` nor a sound ``PLAN``.

    Raises:
        InputError: It has neither, or another thing in the place of one, or one that does not fit
            together; all that it lacks is named.
    """
    corruption, plan = getattr(part, "CORRUPTION", None), getattr(part, "PLAN", None)
    lacking = []
    if corruption is None and plan is None:
        lacking.append("CORRUPTION, a Corruption, or PLAN, a Plan")
    if corruption is not None:
        sound = isinstance(corruption, Corruption)
        lacking += (
            _lacks(corruption) if sound else [contract.other("CORRUPTION", Corruption, corruption)]
        )
    if plan is not None:
        lacking += _lacks(plan) if isinstance(plan, Plan) else [contract.other("PLAN", Plan, plan)]
    contract.refuse("corruptions", name, part, lacking, contract.place(Corruption))


def _lacks(part: AnyCorruption | AnyPlan) -> Iterator[str]:
    """What does not fit together in a corruption or a plan, each as a phrase."""
    fields = tuple(getattr(part.severities[0], "_fields", ())) if part.severities else ()
    if len(part.severities) != SEVERITIES or not fields:
        yield f"severities, {SEVERITIES} named tuples from mild to severe"
    if set(part.units) != set(fields):
        yield f"units, one for each of {', '.join(fields)}, and has {', '.join(part.units)}"
    needs = get_args(RowsNeed if isinstance(part, Plan) else Need)
    if not set(part.needs) <= set(needs):
        yield f"needs, of {', '.join(needs)}, and has {part.needs!r}"
    if isinstance(part, Plan):
        yield from _lacks_as_plan(part, fields)
        return
    if not isinstance(part.dose, Dose):
        yield contract.other("dose", Dose, part.dose)
    if ("donors" in part.needs) != (part.donors > 0):
        yield f"donors, above 0 where it needs donors and else 0, and has {part.donors}"
    if part.folder is not None and part.folder.option not in get_args(FolderOption):
        yield f"a folder with an option of {', '.join(get_args(FolderOption))}"


def _lacks_as_plan(part: AnyPlan, fields: tuple[str, ...]) -> Iterator[str]:
    if part.makes not in get_args(Makes):
        yield f"makes, one of {', '.join(get_args(Makes))}, and has {part.makes!r}"
    if part.rate_of not in get_args(RateOf):
        yield f"rate_of, one of {', '.join(get_args(RateOf))}, and has {part.rate_of!r}"
    if not 1 <= part.reported <= SEVERITIES:
        yield f"reported, a severity from 1 to {SEVERITIES}, and has {part.reported!r}"
    if part.by_modality and part.by_modality not in fields:
        yield f"by_modality, one of {', '.join(fields)}, and has {part.by_modality!r}"
