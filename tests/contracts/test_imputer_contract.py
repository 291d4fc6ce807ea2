"""Every imputer is asked the same questions on the day it exists; and each question can be failed."""

from types import SimpleNamespace

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.imputers import knn
from mmaudit.testing import imputers
from mmaudit.testing.questions import ContractError


@pytest.mark.parametrize("name", parts.names(imputers.KIND))
def test_it_keeps_the_contract(name):
    imputers.check_imputer(name)


class Wrong:
    """The nearest neighbours, with one defect."""

    def __init__(self, training, defect):
        self.inner, self.defect, self.calls = knn.fit(training, 4), defect, 0
        self.training = training

    def fill(self, samples, modality):
        self.calls += 1
        (filled,) = self.inner.fill(samples, modality)
        if modality != "vector":
            return [filled]
        return [[self.defect(self, samples, v, i) for i, v in enumerate(filled)]]


def looks_at_the_batch(self, samples, value, i):
    return value + np.float32(len(samples))


def remembers(self, samples, value, i):
    return value + np.float32(self.calls)


def draws(self, samples, value, i):
    return value + np.float32(np.random.default_rng().normal())


def sees_what_is_absent(self, samples, value, i):
    row = np.flatnonzero(~samples.present["vector"])[i]
    return samples.values["vector"][row] * np.float32(0.5)


def learns_what_is_absent(self, samples, value, i):
    hidden = [v for v in self.training.values["vector"] if v is not None]
    return value + np.float32(np.mean(hidden) * 1e-3)


def changes_the_input(self, samples, value, i):
    row = np.flatnonzero(~samples.present["vector"])[i]
    samples.values["vector"][row][0] += 1
    return value


def is_not_finite(self, samples, value, i):
    return value * np.float32(np.nan)


def is_of_another_type(self, samples, value, i):
    return value.astype(np.float64)


DEFECTS = {
    looks_at_the_batch: "a_sample_is_filled_by_itself",
    remembers: "a_sample_is_filled_by_itself",
    draws: "it_is_the_same_when_it_is_fitted_again",
    sees_what_is_absent: "what_is_absent_is_not_looked_at",
    learns_what_is_absent: "what_is_absent_is_not_looked_at",
    changes_the_input: "input_and_global_randomness_are_left_alone",
    is_not_finite: "what_it_fills_in_is_a_value_of_the_kind",
    is_of_another_type: "what_it_fills_in_is_a_value_of_the_kind",
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_fails_its_question(defect):
    whole = imputers.subject("knn")
    part = SimpleNamespace(COUNT=4, SEVERAL=False, SOURCE="a test")
    part.fit = lambda training, count: Wrong(training, defect)
    values = {m: [v.copy() for v in column] for m, column in whole.values.items()}
    wrong = imputers.ImputerSubject("knn", part, whole.training, values, whole.present)
    question = getattr(imputers, DEFECTS[defect])
    with pytest.raises(ContractError):
        question(wrong)
