"""What noisy-pairs can be asked."""

from dataclasses import dataclass
from typing import Literal

from mmaudit.audits.declaration import Action, Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = False
ACTIONS = {
    "filtered": Action(
        help="also write the dataset without the flagged pairs here",
        act="mmaudit.runs.filter:act",
        check="mmaudit.runs.filter:free",
    )
}
VIEWS = (
    View(
        challenge="noisy",
        form="pairs",
        samples="Pairs that look mismatched, with the partner that would fit better",
        command="mmaudit noisy-pairs DATASET --out RUN",
        tells="how many pairs do not belong together, and which",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How noisy pairs are looked for."""

    split: str | None = option("split to audit; 'all' for every row", default="all")
    modalities: tuple[str, ...] = option("the two modalities of a pair", default=())
    embeddings: tuple[str, ...] = option(
        "vectors of both sides, as image=a.npy,text=b.npy or NAME=FILE.parquet:COLUMN", default=()
    )
    encoder: str | None = option(
        "what embeds both sides, ADAPTER:WHERE, or each, NAME=ADAPTER:WHERE,NAME=ADAPTER:WHERE; "
        "self trains small towers on this data",
        default=None,
        names_model=True,
    )
    cache: str | None = option(
        "folder in which embeddings are kept, by content and encoder",
        default=None,
        changes_numbers=False,
    )
    space: Literal["auto", "shared", "separate"] = option(
        "whether both sides share one space, so that their cosine means something", default="auto"
    )
    method: Literal["combined", "similarity", "neighbours", "head", "ncr"] = option(
        "detector that ranks the pairs; ncr is in-sample and gives no p-values", default="combined"
    )
    fdr: float = option("false discovery rate of the list of matched pairs", default=0.05)
    flag_at: float = option("local false discovery rate above which a pair is flagged", default=0.5)
    fraction: float | None = option(
        "flag this share of the pairs, the most suspicious, whatever the evidence", default=None
    )
    threshold: float | None = option(
        "flag pairs whose cosine is below this, whatever the evidence", default=None
    )
    force: bool = option(
        "flag pairs by the estimated rate even where nothing can be told", default=False
    )
    accept: float = option("share of mismatches up to which the verdict is clean", default=0.05)
    curves: str | None = option(
        "losses of your own training: Parquet with id, losses, planted (mismatched on purpose)",
        default=None,
    )
    shard_column: str | None = option(
        "column of the data that says what was written together, such as a session; "
        "default: the files",
        default=None,
    )
    truth: str | None = option(
        "column of the data that says which pairs are mismatched, for a self-test", default=None
    )
    plant: float | None = option(
        "also plant this share of known mismatches of each kind in a scratch copy", default=None
    )
