"""What inspect can be asked."""

from dataclasses import dataclass

from mmaudit.audits.declaration import Action, Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = False
ACTIONS = {
    "filtered": Action(
        help="also write the dataset without the samples that have findings here",
        act="mmaudit.runs.filter:act_on_findings",
        check="mmaudit.runs.filter:free",
    )
}
VIEWS = (
    View(
        challenge="noisy",
        form="inspection",
        about="the quality of single values",
        samples="The worst values of each check, and near copies",
        command="mmaudit inspect DATASET --out RUN",
        tells="what is in the data, and which values, copies and splits are bad",
    ),
    View(
        challenge="incomplete",
        form="absence",
        about="which modalities are absent",
        command="mmaudit inspect DATASET --out RUN",
        tells="which modalities are absent, how often, and what that depends on",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How a dataset is inspected."""

    split: str | None = option("split to inspect; 'all' for every row", default="all")
    checks: tuple[str, ...] = option(
        "checks to make, as names or patterns; mmaudit list checks", default=("*/*",)
    )
    limits: tuple[str, ...] = option(
        "fixed limits of checks, as image/blur=-2.5,text/words=3, in place of their own", default=()
    )
    reference: str | None = option(
        "split of good samples; values of the others are held against it", default=None
    )
    fdr: float = option(
        "false discovery rate of the values that are called bad for the rest of the data",
        default=0.05,
    )
    embeddings: tuple[str, ...] = option(
        "vectors of values, as image=a.npy,text=b.npy or NAME=FILE.parquet:COLUMN: values whose "
        "vectors nearly agree are near copies, and small models learn from them",
        default=(),
    )
    exact: bool = option("look for equal values alone, not for near copies", default=False)
    drop: tuple[str, ...] = option(
        "findings for which --filtered leaves samples out, as names or patterns of checks",
        default=("*",),
    )
    max_skipped: int = option(
        "samples that may be unreadable before the run counts as incomplete; here what cannot be "
        "read is a finding",
        default=2**31,
        changes_numbers=False,
    )
