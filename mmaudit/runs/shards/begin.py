"""The folder of an audit as it is begun: of all units, of one shard of them, or of all parts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmaudit.audits.base import Staging
from mmaudit.audits.declaration import Common
from mmaudit.engines.base import Unit, begin, entire
from mmaudit.errors import UsageError
from mmaudit.runs.shards.parts import JobParts
from mmaudit.runs.shards.request import JobRequest
from mmaudit.tables.shards import SHARD, JobShard

BY_STAGES = (
    "a sweep by stages asks by what all samples before it were answered, so no shard can ask alone"
)


def share_of(shard: JobShard, units: Sequence[Unit], plan: Staging | None) -> Sequence[Unit]:
    """The units of a shard.

    Raises:
        UsageError: What is asked next depends on all answers before it.
    """
    if plan is not None:
        raise UsageError(
            BY_STAGES,
            fix="no --shard, or no breaking points that are searched for and no --until-decided",
        )
    return shard.share(units)


def open_folder(
    folder: Path,
    identity: Mapping[str, Any],
    options: Common,
    shard: JobShard | None,
    request: JobRequest,
    parts_of: JobParts | None,
) -> None:
    """Note what the units of a folder are of, and give those of parts their place in it."""
    if shard is not None:
        of = {**identity, SHARD: str(shard)}
        begin(folder, of, resume=options.resume, request=request.entries())
        return
    if parts_of is not None:
        parts_of.check(entire(identity))
    begin(folder, identity, resume=options.resume or parts_of is not None)
    if parts_of is not None:
        parts_of.place(folder)
