"""Estimators that were fitted on frames."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from loading import load
from mmaudit.errors import InputError


def test_columns_by_name_are_refused_with_what_to_do(tmp_path):
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["age", "dose"])
    named = ColumnTransformer([("numbers", StandardScaler(), ["age", "dose"])])
    model = make_pipeline(named, LogisticRegression()).fit(x, x["age"] > 0)
    skops.io.dump({"estimator": model, "modalities": ["visit"]}, tmp_path / "m.skops")
    loaded = load(f"sklearn:{tmp_path / 'm.skops'}", trust=True)
    with pytest.raises(InputError, match="columns by their names") as caught:
        loaded.model.scores({"visit": x.to_numpy()}, {"visit": np.ones(20, bool)})
    assert "by number" in caught.value.fix
