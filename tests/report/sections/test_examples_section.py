"""One sample at each severity stands beside the curves, and is shown as data, not as markup."""

import numpy as np
import pyarrow as pa
import pytest

import run_folders
from mmaudit.audits.robustness.examples import SCHEMA
from mmaudit.kinds.image import encode
from mmaudit.report.formats import page
from mmaudit.report.read import read
from mmaudit.tables import store

PICTURE = encode(np.zeros((4, 4, 3), np.uint8))


def example(corruption, severity, text=None, thumbnail=None, modality="text"):
    return {
        "condition": corruption or "clean",
        "modality": modality,
        "corruption": corruption,
        "severity": severity,
        "id": "<b>first</b>",
        "kind": modality,
        "text": text,
        "thumbnail": thumbnail,
    }


@pytest.fixture
def html(tmp_path):
    run = run_folders.make(tmp_path / "run")
    rows = [
        example("", 0, "a small <i>red</i> car"),
        example("text/keyboard", 1, "a small <i>red</i> car"),
        example("text/keyboard", 3, "a smakk <i>red</i> car"),
        example("", 0, None, PICTURE, "image"),
        example("image/motion_blur", 5, None, PICTURE, "image"),
        example("image/motion_blur", 3, None, b"<svg onload=alert(1)>", "image"),
        example("image/of_no_curve", 3, None, PICTURE, "image"),
    ]
    table = pa.Table.from_pylist(rows, schema=SCHEMA).replace_schema_metadata(
        run_folders.MADE.metadata()
    )
    store.write(table, run / "robustness" / "examples.parquet")
    return page.page(read(run))


def test_what_changed_in_a_text_is_marked(html):
    assert "<del>small</del>" in html
    assert "<ins>smakk</ins>" in html
    assert "unchanged" in html
    assert "&lt;i&gt;red&lt;/i&gt; car" in html
    assert "<i>" not in html


def test_pictures_stand_at_their_severity_and_only_pictures(html):
    strip = html.partition("One of your samples, &lt;b&gt;first&lt;/b&gt;")[2]
    assert strip.count('alt="motion blur, severity 5"') == 1
    assert 'alt="motion blur, severity 3"' not in html
    assert "onload" not in html
    assert "of no curve" not in html
