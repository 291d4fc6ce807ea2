"""All that was seen of a dataset, before it is put in words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmaudit.audits.inspect.comparisons.alignments import Alignments
from mmaudit.audits.inspect.comparisons.leaks import Leak
from mmaudit.audits.inspect.comparisons.pattern_shifts import PatternShift
from mmaudit.audits.inspect.comparisons.shifts import Shift
from mmaudit.audits.inspect.comparisons.slices import Gatherings
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.duplicates import Copies
from mmaudit.audits.inspect.learning.absences import Pattern
from mmaudit.audits.inspect.learning.labels import Labels
from mmaudit.audits.inspect.partitions import SamplePart
from mmaudit.audits.inspect.quality import Judged
from mmaudit.measures.balance.redundancy import Redundancy
from mmaudit.measures.data.absence import Absence
from mmaudit.measures.data.little import LittleTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was seen.

    Attributes:
        contents: What the units wrote.
        parts: All samples, and the parts that they are cut into.
        judged: What each check says of each modality.
        copies: Copies among the values of each modality.
        whole: Copies of whole samples.
        patterns: Sets of modalities that samples have, the most frequent first.
        labels: What was learnt of the labels; None where nothing could be.
        leaks: What a probe gains by each key that splits share.
        mechanisms: What absence of each modality follows from, where it is absent in part.
        little: Little's test of the means in each pattern of absence; None where it says nothing.
        shifts: How the numbers of each split stand beside those of train.
        pattern_shifts: How the patterns of absence of each split stand beside those of train.
        gatherings: In which slices what is wrong gathers.
        alignments: How modalities hang together.
        redundancies: What each modality tells of the label, and others tell too.
        features: What was learnt from, for a person.
    """

    contents: Contents
    parts: tuple[SamplePart, ...]
    judged: tuple[Judged, ...]
    copies: tuple[Copies, ...]
    whole: Copies
    patterns: tuple[Pattern, ...]
    labels: Labels | None
    leaks: tuple[Leak, ...]
    mechanisms: Mapping[str, Absence]
    little: LittleTest | None
    shifts: tuple[Shift, ...]
    pattern_shifts: tuple[PatternShift, ...]
    gatherings: Gatherings
    alignments: Alignments
    redundancies: Mapping[str, Redundancy]
    features: str
