"""What contributions can be asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmaudit.audits.declaration import Common
from mmaudit.options import option
from mmaudit.rows import View

NEEDS_MODEL = True
VIEWS = (
    View(
        challenge="imbalanced",
        form="shares",
        samples="Samples to which modalities contribute unusually",
        command="mmaudit contributions DATASET --model SPEC --out RUN",
        tells="what each modality brings to each answer",
    ),
    View(
        challenge="varying",
        form="trust",
        about="trust",
        command="mmaudit contributions DATASET --model SPEC --out RUN",
        tells="whether a modality counts less where it alone is wrong",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """How contributions are asked."""

    value: tuple[str, ...] = option(
        "what an answer is worth: p_true, margin, neg_loss, correct, correct_size, p_predicted, "
        "entropy_drop; neg_squared_error for numbers; similarity for embeddings; p_labels, "
        "labels_correct, p_label:NAME for several labels",
        default=(),
    )
    absent: tuple[str, ...] = option(
        "absence policies, side by side: model, zeros, mean, blank, marginal:K, or an imputer: "
        "ridge, knn:K, conditional:K",
        default=(),
    )
    budget: int | None = option(
        "passes a sample; where they do not pay for every coalition, some are sampled",
        default=None,
    )
    unimodal: tuple[str, ...] = option(
        "separately trained models of one modality, as MODALITY=ADAPTER:WHERE, which all together "
        "are compared with; probes stand in for those not named; none: this model alone",
        default=(),
        names_model=True,
    )
    coalitions: bool = option("also write the worth of every coalition", default=False)
    overfitting: bool = option(
        "also ask about as many training samples, to tell what was learnt but does not hold",
        default=False,
    )
    checkpoint: tuple[str, ...] = option(
        "earlier states of the model, first to last, as ADAPTER:WHERE: who takes over in training",
        default=(),
        names_model=True,
    )
    training_plan: Path | None = option(
        "file (.parquet or .csv) for which samples to repeat with which modality masked; choose "
        "--split train",
        changes_numbers=False,
        default=None,
    )
    training_plan_level: Literal["sample", "modality"] = option(
        "what the plan repeats: samples that a modality brings little to, or random ones with the "
        "modality that brings least",
        default="sample",
    )
    detail: tuple[str, ...] = option(
        "modalities to open: which words, patches or stretches the answers hang on", default=()
    )
    detail_explainer: Literal["permutation", "partition"] = option(
        "how pieces share: permutation (Shapley values) or partition (a tree, Owen values)",
        default="permutation",
    )
    detail_samples: int = option("how many samples are opened, chosen by hash", default=20)
    replicates: int = option("bootstrap replicates of every interval", default=1000)
