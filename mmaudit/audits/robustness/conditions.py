"""Conditions: the cells of a sweep, and what each does to a sample."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mmaudit.audits.robustness.protocols import SUBSET, Protocol
from mmaudit.audits.robustness.severities import Levels
from mmaudit.corruptions.base import AnyPlan, Plan
from mmaudit.corruptions.groups import expand
from mmaudit.errors import UsageError
from mmaudit.injection.spec import load_part, load_plan
from mmaudit.names import CLEAN, crossed, subset, under


@dataclass(frozen=True, slots=True)
class Treatment:
    """One corruption of one modality."""

    modality: str
    corruption: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One cell of a sweep: what was done to which modality, and which modalities are present.

    Attributes:
        name: Its key in every table, as ``image/fog:3@camera``, ``present:image``, ``clean``.
        modality: Modality or modalities that are touched, comma-joined; empty for clean.
        corruption: Part that was applied; parts joined by ``+`` when several; else empty.
        severity: 1 … 5; None for clean and for subsets.
        present: Modalities that are present wherever the dataset has them.
        changes: Corruptions of single samples.
        plan: Plan of the whole set, with its severity.
        absent: Absence policy, where it is not the sweep's first one.
        planned: The plan itself, where its parameters were named.
        concerns: Modalities that the plan concerns; empty for all.
        crossed: Name of the condition that damages the same while everything is present, where
            this one also takes a modality away.
        worst_of: Conditions of whose answers it has the worst, sample by sample; not asked itself.
        attacks: Radius at each severity, where the modality is attacked through gradients.
    """

    name: str
    modality: str = ""
    corruption: str = ""
    severity: int | None = None
    present: tuple[str, ...]
    changes: tuple[Treatment, ...] = ()
    plan: tuple[str, int] | None = None
    absent: str | None = None
    planned: AnyPlan | None = None
    concerns: tuple[str, ...] = ()
    crossed: str = ""
    worst_of: tuple["Condition", ...] = ()
    attacks: tuple[float, ...] = ()

    @property
    def derived(self) -> bool:
        """Whether it is no damage of its own, but the worst of some or what the model shows."""
        return bool(self.worst_of or self.attacks)

    @property
    def series(self) -> str:
        """The name without its severity: conditions that differ in severity alone share it."""
        target = f"@{self.modality}" if self.modality else ""
        return f"{self.corruption}{target}"


def conditions(
    kinds: Mapping[str, str],
    patterns: tuple[str, ...],
    severities: Sequence[int],
    *,
    joint: bool = False,
    subsets: Sequence[tuple[str, ...]] = (),
    policies: Sequence[str] = (),
    levels: Levels | None = None,
    protocols: Sequence[Protocol] = (),
    beside: bool = False,
) -> tuple[Condition, ...]:
    """All conditions of a sweep, clean first.

    Args:
        kinds: Kind of each modality, in the manifest's order.
        patterns: Corruptions as names or shell patterns; plans only where a pattern names them.
        severities: Severities of each corruption.
        joint: Also corrupt all modalities at once.
        subsets: Sets of modalities that are also asked with, nothing else being present.
        policies: Absence policies; what takes modalities away is asked once under each.
        levels: Calibrated severities; then only these corruptions are applied, at these.
        protocols: What else takes modalities away.
        beside: Also apply every corruption of a modality while each other one is absent.

    Raises:
        UsageError: A pattern matches nothing, or nothing that fits the dataset's kinds or that
            was calibrated; fewer than two modalities would be corrupted jointly, or nothing could
            be absent beside what is corrupted; or there are policies and nothing is absent.
    """
    if policies and not (subsets or protocols or beside):
        raise UsageError(
            f"only what is absent is asked under several policies: {', '.join(policies)}",
            fix="--missing, --protocol or --joint-missing, or one --absent",
        )
    every = tuple(kinds)
    singles, plans = _matching(kinds, patterns)
    if levels is not None and (joint or plans):
        raise UsageError(
            "plans and joint conditions have no calibrated severities",
            fix="--severities 1,3,5 for these, in a sweep of their own",
        )
    damaged = _damaged(singles, severities, levels, every)
    cells = [Condition(name=CLEAN, present=every), *damaged]
    for plan in plans:
        targets = every if load_plan(plan).makes == "donors" else ("",)
        cells += [_planned(plan, s, t, every) for t in targets for s in severities]
    if joint:
        cells += _joint(singles, severities, every)
    for policy in policies or (None,):
        cells += [_subset(some, policy, every) for some in subsets]
        cells += [_protocol(protocol, policy, every) for protocol in protocols]
    return (*cells, *(_crossings(cells, damaged, policies or (None,), every) if beside else ()))


def _damaged(
    singles: Mapping[str, list[str]],
    severities: Sequence[int],
    levels: Levels | None,
    every: tuple[str, ...],
) -> list[Condition]:
    """Every corruption of every modality by itself."""
    if levels is not None:
        return _calibrated(singles, levels, every)
    return [
        _single(Treatment(modality, name, severity), every)
        for modality, names in singles.items()
        for name in names
        for severity in severities
    ]


def _matching(
    kinds: Mapping[str, str], patterns: tuple[str, ...]
) -> tuple[dict[str, list[str]], list[str]]:
    """Corruptions for each modality, and plans, that the patterns ask for."""
    names: dict[str, None] = {}
    for pattern in patterns:
        fitting = [n for n in expand((pattern,)) if _meant(n, pattern, kinds)]
        if not fitting:
            raise UsageError(
                f"nothing that {pattern!r} matches fits this dataset",
                where=f"its modalities are {', '.join(f'{m} ({k})' for m, k in kinds.items())}",
                fix=" or ".join(f"'{kind}/*'" for kind in dict.fromkeys(kinds.values())),
            )
        names |= dict.fromkeys(fitting)
    plans = [n for n in names if isinstance(load_part(n), Plan)]
    single = [n for n in names if n not in plans]
    return {m: [n for n in single if n.split("/")[0] == k] for m, k in kinds.items()}, plans


def _meant(name: str, pattern: str, kinds: Mapping[str, str]) -> bool:
    """Whether a pattern that matches a name also means it, and it fits the modalities.

    A plan is meant only by a pattern that names its folder, and labels are not a modality. What
    needs a folder of recordings is for `mmaudit corrupt`, which takes one.
    """
    folder = name.split("/", maxsplit=1)[0]
    named = pattern.startswith(f"{folder}/")
    if folder not in kinds.values() and not named:
        return False
    part = load_part(name)
    if isinstance(part, Plan):
        return named and part.makes != "labels"
    return folder in kinds.values() and not part.outside


def _calibrated(
    singles: Mapping[str, list[str]], levels: Levels, every: tuple[str, ...]
) -> list[Condition]:
    """Every calibrated level that could be reached of the chosen corruptions."""
    cells = [
        _single(Treatment(modality, name, severity), every, label)
        for modality, names in singles.items()
        for name in names
        if (name, modality) in levels
        for severity, label in levels[name, modality].labels.items()
    ]
    if not cells:
        listed = " or ".join(f"{name} on {modality}" for name, modality in levels)
        raise UsageError("nothing that was asked for is calibrated", fix=listed or "another file")
    return cells


def _single(change: Treatment, every: tuple[str, ...], label: str = "") -> Condition:
    return Condition(
        name=f"{change.corruption}:{label or change.severity}@{change.modality}",
        modality=change.modality,
        corruption=change.corruption,
        severity=change.severity,
        present=every,
        changes=(change,),
    )


def _planned(name: str, severity: int, target: str, every: tuple[str, ...]) -> Condition:
    return Condition(
        name=f"{name}:{severity}" + (f"@{target}" if target else ""),
        modality=target or ",".join(every),
        corruption=name,
        severity=severity,
        present=every,
        plan=(name, severity),
        concerns=(target,) if target else (),
    )


def _joint(
    singles: Mapping[str, list[str]], severities: Sequence[int], every: tuple[str, ...]
) -> Iterator[Condition]:
    """The i-th corruption of every modality together, shorter lists starting again."""
    lists = {m: names for m, names in singles.items() if names}
    if len(lists) < 2:
        raise UsageError(
            f"only {' '.join(lists) or 'no modality'} is corrupted, so nothing is joint",
            fix="--corruptions of two modalities or more, or no --joint",
        )
    for i in range(max(map(len, lists.values()))):
        names = {m: names[i % len(names)] for m, names in lists.items()}
        for severity in severities:
            together = "+".join(dict.fromkeys(names.values()))
            yield Condition(
                name=f"{together}:{severity}@{','.join(names)}",
                modality=",".join(names),
                corruption=together,
                severity=severity,
                present=every,
                changes=tuple(Treatment(m, n, severity) for m, n in names.items()),
            )


def _subset(present: tuple[str, ...], policy: str | None, every: tuple[str, ...]) -> Condition:
    return Condition(
        name=under(subset(present), policy),
        modality=",".join(m for m in every if m not in present),
        corruption=SUBSET,
        present=present,
        absent=policy,
    )


def _protocol(protocol: Protocol, policy: str | None, every: tuple[str, ...]) -> Condition:
    return Condition(
        name=under(protocol.spec, policy),
        modality=",".join(protocol.modalities),
        corruption=protocol.name,
        present=every,
        plan=(protocol.name, protocol.level),
        planned=protocol.plan,
        concerns=protocol.modalities,
        absent=policy,
    )


def _crossings(
    cells: Sequence[Condition],
    damaged: Sequence[Condition],
    policies: Sequence[str | None],
    every: tuple[str, ...],
) -> Iterator[Condition]:
    """Each other modality absent, alone and beside each corruption of a modality."""
    if len(every) < 2 or not damaged:
        lacks = "the model has one modality" if len(every) < 2 else "no modality is corrupted"
        raise UsageError(
            f"{lacks}, so nothing is absent beside what is corrupted",
            fix="--corruptions of a modality of a model of two or more, or no --joint-missing",
        )
    there = {cell.name for cell in cells}
    hurt = {change.modality for cell in damaged for change in cell.changes}
    for policy in policies:
        for gone in every:
            rest = tuple(m for m in every if m != gone)
            if hurt - {gone} and under(subset(rest), policy) not in there:
                yield _subset(rest, policy, every)
        for cell in damaged:
            for gone in (m for m in every if m != cell.modality):
                yield replace(
                    cell,
                    name=crossed(cell.name, gone, policy),
                    modality=f"{cell.modality},{gone}",
                    corruption=f"{cell.corruption}+{SUBSET}",
                    present=tuple(m for m in every if m != gone),
                    absent=policy,
                    crossed=cell.name,
                )
