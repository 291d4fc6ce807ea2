"""Verdicts: does trust in each modality follow its quality, in words and as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from mmaudit.audits.adaptivity.effects import IMPLIED, LOUDNESS, MIXTURE, SHARE, WEIGHT
from mmaudit.formats import number
from mmaudit.measures.trust.adaptivity import RankEffect, needed, verdict

OPEN = "cannot be told"
HOW = {
    WEIGHT: "the model's own fusion weights",
    IMPLIED: "implied weights: answers are weighted sums of the logits of each modality alone",
    MIXTURE: "implied weights: answers are weighted sums of the probabilities of each alone",
    SHARE: "shares of the answer, by the length of Shapley values",
}
SCHEMA = pa.schema(
    [
        pa.field("modality", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("trust", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("needed", pa.int64()),
        pa.field("because", pa.string(), nullable=False),
    ]
)

SAID = {
    "follows quality": "Trust follows quality in {}",
    "indifferent": "trust is indifferent to the quality of {}",
    "follows the wrong way": "trust follows the wrong way in {}",
    OPEN: "whether it does cannot be told of {}",
}
SAID_OF_BURSTS = {
    "follows quality": "Trust follows quality with bursts in {}",
    "indifferent": "trust is indifferent to bursts in {}",
    "follows the wrong way": "trust follows bursts the wrong way in {}",
    OPEN: "whether trust follows cannot be told of bursts in {}",
}

Effects = Mapping[str, Mapping[str, RankEffect]]  # adaptivity by way, then by modality


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustVerdict:
    """The verdict about one modality.

    Attributes:
        modality: Its name.
        verdict: In words.
        trust: How trust was told.
        value: The adaptivity that it was judged by.
        low: Lower end of its interval, at the error that all verdicts share.
        high: Upper end.
        n: How many samples, or groups, it was measured on.
        needed: About how many would decide; None where it is decided.
        because: What moved, one phrase; empty where nothing is known of it.
    """

    modality: str
    verdict: str
    trust: str
    value: float
    low: float
    high: float
    n: int
    needed: int | None
    because: str

    def __str__(self) -> str:
        size = f"adaptivity {number(self.value)} [{number(self.low)}, {number(self.high)}]"
        more = f", needs about {self.needed:,} samples" if self.needed else ""
        because = f": {self.because}" if self.because else ""
        return f"{self.modality} {self.verdict} ({size}{more}){because}"


def judged(effects: Effects, lead: str, margin: float) -> list[TrustVerdict]:
    """The verdict about each modality that was damaged.

    Args:
        effects: Adaptivity by way and modality; of loudness, its effect with the sign turned, so
            that it is positive where damage makes a modality quieter.
        lead: The way that is judged.
        margin: Within which an effect is as good as none.
    """
    own = effects.get(lead, {})
    out = []
    for modality, effect in own.items():
        word = verdict(effect, margin, len(own))
        low, high = effect.ends(0.025 / len(own))
        out.append(
            TrustVerdict(
                modality=modality,
                verdict=word,
                trust=lead,
                value=effect.value,
                low=low,
                high=high,
                n=effect.units,
                needed=needed(effect, margin, len(own)) if word == OPEN else None,
                because=_because(effects, lead, modality, margin),
            )
        )
    return out


def _because(effects: Effects, lead: str, modality: str, margin: float) -> str:
    """Whether what the modality itself says grows louder or quieter, where nobody says weights."""
    loudness = effects.get(LOUDNESS, {}).get(modality)
    if lead == WEIGHT or loudness is None:
        return ""
    heard = {
        "follows quality": "its own answer grows quieter with the damage",
        "follows the wrong way": "its own answer grows louder with the damage",
        "indifferent": "its own answer stays as loud",
        OPEN: "",
    }
    return heard[verdict(loudness, margin)]


def headline(verdicts: Sequence[TrustVerdict], *, in_bursts: bool = False) -> str:
    """What was found of all modalities, in one sentence.

    Args:
        verdicts: The verdicts.
        in_bursts: Whether one stretch of time alone was damaged.
    """
    if not verdicts:
        return "Whether trust follows quality cannot be told: no answer moved and none was damaged."
    by_word: dict[str, list[str]] = {}
    for one in verdicts:
        by_word.setdefault(one.verdict, []).append(one.modality)
    said = SAID_OF_BURSTS if in_bursts else SAID
    pieces = [said[word].format(", ".join(by_word[word])) for word in said if word in by_word]
    sentence = "; ".join(pieces)
    return f"{sentence[0].upper()}{sentence[1:]}."


def notes(
    verdicts: Sequence[TrustVerdict],
    lead: str,
    margin: float,
    idle: Sequence[str],
    *,
    in_bursts: bool = False,
) -> Iterator[str]:
    """What stands behind the verdicts, and what was left out."""
    yield f"Trust is told by {HOW[lead]}."
    yield from (f"{one}." for one in verdicts)
    if lead == SHARE:
        yield (
            "A damaged modality whose own answer grows louder or quieter changes its share though "
            "no weight moved; give the model weights(batch, present) to tell the two apart."
        )
    if verdicts:
        yield (
            "Where trust in no modality moves, at most 5 % of runs say that some follows; "
            f"indifferent is an interval within ±{number(margin)}."
        )
    if idle:
        why = (
            "no chosen corruption fits, or it does not go on in time"
            if in_bursts
            else "no chosen corruption fits"
        )
        yield f"Never damaged, for {why}: {', '.join(idle)}."


def table(verdicts: Sequence[TrustVerdict]) -> pa.Table:
    """The verdicts as a table."""
    return pa.Table.from_pylist([asdict(one) for one in verdicts], schema=SCHEMA)
