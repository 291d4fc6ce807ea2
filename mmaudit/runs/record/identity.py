"""Everything that the numbers of an audit depend on: for its tables, and for going on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mmaudit.audits.base import Job, Staging
from mmaudit.audits.declaration import Common
from mmaudit.engines.base import Unit
from mmaudit.inference.inputs import Inputs
from mmaudit.models.depends import Needs
from mmaudit.options import identity
from mmaudit.tables.provenance import Provenance
from mmaudit.version import VERSION


def provenance_of(
    name: str,
    options: Common,
    inputs: Inputs,
    job: Job,
    plan: Staging | None,
    spec: str | None = None,
) -> Provenance:
    """What the tables of an audit depend on.

    Args:
        name: Name of the audit.
        options: How it is asked.
        inputs: What it is of.
        job: The audit made ready.
        plan: What is asked by stages; None where all is asked at once.
        spec: How the model was named where its answers were made, if that was elsewhere.
    """
    model = inputs.model
    digests, values = dict(inputs.whole.digests), identity(options) | dict(job.options)
    values |= dict(plan.identity if plan else {})
    if model is not None:
        digests["model"], values["model"] = model.info.digest, spec or model.info.spec
    return Provenance(
        audit=name,
        options=values,
        seed=options.seed,
        versions={"mmaudit": VERSION, **job.versions},
        digests=digests,
    )


def identity_of(provenance: Provenance, units: Sequence[Unit], needs: Needs) -> Mapping[str, Any]:
    """Everything that the files of an audit's units depend on."""
    return {
        **asdict(needs),
        "audit": provenance.audit,
        "options": provenance.options,
        "seed": provenance.seed,
        "versions": provenance.versions,
        "digests": provenance.digests,
        "units": len(units),
    }
