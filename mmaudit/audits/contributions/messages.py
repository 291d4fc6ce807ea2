"""Messages: the numbers of a contributions audit in plain sentences."""

from collections.abc import Iterator, Mapping, Sequence

from mmaudit.audits.contributions.corrupted import NOTE, ByCorruption
from mmaudit.audits.contributions.features import FeatureNumber
from mmaudit.audits.contributions.flags import Flag
from mmaudit.audits.contributions.metrics import Number, by_modality
from mmaudit.audits.contributions.reference.compare import Rivals
from mmaudit.inference.inputs import Inputs
from mmaudit.samples.parts import Partition

PHRASES = {
    "dead": "does nothing",
    "unhelpful": "is used without a shown benefit",
    "harmful": "does harm",
    "collapse": "carries almost everything",
    "synergy": "knows most only from several modalities together",
    "redundant": "say the same, as if one were a copy",
    "not_better": "is not shown to be better than one modality alone",
}


OWN = "this model with the best modality alone, the others absent"


def leaders(numbers: Sequence[Number]) -> tuple[str, ...]:
    """The modality that brings most, and those of which it is not shown that they bring less."""
    phi = by_modality(numbers, "phi")
    ranked = sorted(phi, key=lambda m: -phi[m].point)
    if not ranked:
        return ()
    best, *others = ranked
    return (best, *(m for m in others if (phi[best] - phi[m]).estimate().low <= 0))


def headline(
    by_policy: Mapping[str, Sequence[Number]], value: str, reference: Rivals | None
) -> str:
    """Who brings most, and what all gain over one alone, with what that one is.

    Args:
        by_policy: Numbers of the worth under each policy, the leading one first.
        value: The worth.
        reference: What other models of one modality each do; None where there are none.
    """
    numbers = next(iter(by_policy.values()))
    if not by_modality(numbers, "phi"):
        return "No sample has any of the model's modalities."
    sentence = _most(by_policy, value)
    gain = by_modality(numbers, "gain_over_best_alone")
    if not gain:
        return f"{sentence}."
    if reference is None:
        more, shown, what = gain[""].estimate(), gain[""].estimate().low > 0, OWN
    else:
        more, shown, what = reference.gain, reference.shown, reference.what
    if shown:
        return f"{sentence}; all together are right {more} more often than {what}."
    return f"{sentence}; all together are not shown to be right more often than {what}: {more}."


def _most(by_policy: Mapping[str, Sequence[Number]], value: str) -> str:
    """Who brings most, as far as that is shown, and whether other policies say otherwise."""
    (policy, (best, *rivals)), *others = ((p, leaders(n)) for p, n in by_policy.items())
    phi = by_modality(by_policy[policy], "phi")
    if rivals:
        listed = ", ".join(f"{m} {phi[m].estimate()}" for m in (best, *rivals))
        sentence = f"which modality brings most is not shown: {listed}"
    else:
        sentence = f"{best} brings most: {phi[best].estimate()}"
    sentence += f" of {value} (absent values: {policy})"
    for other, some in others:
        if not {best, *rivals} & {*some}:
            sentence += f", but under {other} {' or '.join(some)} does"
    return sentence


def of_all(
    numbers: Sequence[Number], modalities: Sequence[str], n: int, reference: Rivals | None
) -> Iterator[str]:
    """Modalities that no sample has, and what a gain is over, beside what the headline says."""
    there = by_modality(numbers, "phi")
    for m in modalities:
        if m not in there:
            yield f"{m} is in 0 of {n:,} samples: nothing can be said of it."
    own = by_modality(numbers, "gain_over_best_alone")
    if reference is None or not own:
        return
    if reference.why:
        yield f"No gain over one modality is claimed: {reference.why}."
    yield f"All together are right {own[''].estimate()} more often than {OWN}."


def warnings(flags: Sequence[Flag]) -> Iterator[str]:
    """One sentence for each flag that is raised."""
    for flag in flags:
        if flag.raised:
            absent = f"absent values: {flag.absent}" if flag.absent else ""
            by = ", ".join(filter(None, (flag.value, absent)))
            who = f"{flag.modality or 'the model'} {PHRASES[flag.flag]}"
            yield f"{who} ({by}): {flag.because}." if by else f"{who}: {flag.because}."


def sensitivity(compared: Mapping[str, Sequence[Number]], policies: Sequence[str]) -> Iterator[str]:
    """How much the answer hangs on what stands in for an absent modality."""
    for value, numbers in compared.items():
        same = by_modality(numbers, "policy_same_top")[""].estimate()
        yield (
            f"The modality that contributes most to {value} is the same under "
            f"{', '.join(policies)} for {same} of the samples."
        )


def of_the_pool(runs: Mapping[str, int]) -> Iterator[str]:
    """That the choice of the pool of donors is not in the intervals, where it is too small.

    Args:
        runs: How many runs of donors the samples share, by policy, as of `Scope`.
    """
    few = [policy for policy, count in runs.items() if not count]
    if few:
        yield (
            f"There are too few donors for so many samples ({', '.join(few)}): which they are is "
            "not all in the intervals. What hangs on little is to be asked again with another "
            "--seed, or with fewer donors a sample."
        )


def nearest(ready: Sequence[FeatureNumber]) -> Iterator[str]:
    """Which absence policy fills in what is most like the data, where there are several."""
    off: dict[str, list[float]] = {}
    for one in ready:
        if one.metric == "off_data":
            off.setdefault(one.absent, []).append(one.estimate.value)
    if len(off) < 2:
        return
    far = {policy: sum(distances) / len(distances) for policy, distances in off.items()}
    best, *others = sorted(far, key=lambda policy: (far[policy], policy))
    rest = ", ".join(f"{policy} {far[policy]:.2f}" for policy in others)
    yield (
        f"Of what stands in for absent values {best} stays nearest the data: {far[best]:.2f} times "
        f"as far from the nearest sample as samples are, against {rest}."
    )


def of_the_data(inputs: Inputs, cuts: Sequence[Partition]) -> Iterator[str]:
    """On the data it was trained on a model is right almost always, and φ shares a constant."""
    train = inputs.dataset.split_for("train")
    if train and train in inputs.dataset.column("split").unique().to_pylist():
        yield (
            "These samples include the training split, on which contributions saturate: "
            "what a model has learnt by heart it no longer needs to see."
        )
    if any(isinstance(cut, ByCorruption) for cut in cuts):
        yield NOTE
