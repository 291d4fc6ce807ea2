"""Runs of remedies without a training: as many methods as wanted, and what is said of them."""

from mmaudit.audits.remedies import groups
from mmaudit.audits.remedies.audit import Row
from mmaudit.audits.remedies.metrics import METRICS
from mmaudit.audits.remedies.options import VIEWS
from mmaudit.rows import Estimate
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

CONTROL = "control/concat"
FAMILIES = ("clean", "damaged", "incomplete", "conflict")


def estimate(value, half, n=400):
    return Estimate(value, value - half, value + half, n)


def row(method, family, metric, value, half=0.02, condition="", verdict="", control=""):
    needs = 1200 if verdict == "cannot be told" else None
    of = {"method": method, "family": family, "condition": condition, "control": control}
    own = {"metric": metric, "estimate": estimate(value, half), "verdict": verdict, "needs": needs}
    return Row(**of, **own, modality="", slice="all")


def verdict_of(gain):
    return "helps" if gain > 0.03 else "harms" if gain < -0.03 else "cannot be told"


def contest(folder, gains, *, families=FAMILIES, metric="accuracy", together=4, against=()):
    """A run in which methods gain so much beside the control, under every family of conditions.

    Args:
        folder: The run.
        gains: Of each method; the control is one more.
        families: The families of conditions.
        metric: What is scored.
        together: Methods of a group that cannot be told apart; groups overlap by all but one.
        against: Damage that it was judged under.
    """
    lower = metric != "accuracy"
    scores = {CONTROL: 0.7} | {m: 0.7 + (-g if lower else g) for m, g in gains.items()}
    rows, members = [], []
    for family in families:
        for method, score in scores.items():
            rows.append(row(method, family, metric, score))
            if method in gains:
                gain = gains[method]
                own = {"verdict": verdict_of(gain), "control": CONTROL}
                rows.append(row(method, family, "gain", gain, 0.03, **own))
        order = sorted(scores, key=lambda m: scores[m] if lower else -scores[m])
        for start in range(max(1, len(order) - together + 1)):
            members += [(family, start + 1, m) for m in order[start : start + together]]
        rows += [row(m, family, metric, scores[m], condition=a) for m in scores for a in against]
    rows += [row(m, "", "parameters", 1000.0, 0.0) for m in scores]
    origin = Provenance(
        audit="remedies",
        options={"against": list(against), "seeds": 5},
        headline="2 methods help.",
        notes=(),
    )
    meanings = {r.metric: METRICS[r.metric] for r in rows}
    place = folder / "remedies"
    store.write(to_table(rows, Row, origin, meanings, VIEWS), place / "summary.parquet")
    grouped = groups.table(members).replace_schema_metadata(origin.metadata())
    store.write(grouped, place / f"{groups.TABLE}.parquet")
    return folder
