"""Objects of a store: what their names may be, and which addresses are of stores."""

from pathlib import Path

import pytest

from mmaudit.errors import InputError, UsageError
from mmaudit.stores.objects import Objects
from mmaudit.stores.urls import store_of


@pytest.mark.parametrize("name", ["run/../../out", "run/a//b", "run/./a"])
def test_a_name_that_leads_out_of_a_folder_is_refused(s3, name):
    s3.put(name, b"")
    with pytest.raises(InputError, match="an object that no folder can hold"):
        Objects("s3://bucket/run").listed()


def test_only_what_is_below_the_address_is_listed(s3):
    for name in ("run/a", "run/b/c", "runs/d", "run"):
        s3.put(name, b"1")
    assert sorted(Objects("s3://bucket/run").listed()) == ["a", "b/c"]


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("s3://bucket/run", "s3://bucket/run"),
        (Path("s3://bucket/run/"), "s3://bucket/run"),
        ("s3a://bucket/run", "s3://bucket/run"),
        ("gcs://bucket/a/b", "gs://bucket/a/b"),
        (Path("runs/one"), None),
        ("/runs/s3", None),
        ("s3/run", None),
    ],
)
def test_stores_are_told_from_folders(place, url):
    assert store_of(place) == url


@pytest.mark.parametrize(
    "place", ["s3://bucket", "s3://bucket/a/../b", "s3://bucket/a//b", "http://h/a", "memory://a/b"]
)
def test_what_is_no_folder_in_a_store_is_refused(place):
    with pytest.raises(UsageError):
        store_of(place)


@pytest.mark.parametrize("place", ["s3://me:hush@bucket/run", "s3://bucket/run?token=hush"])
def test_secrets_in_an_address_are_refused_unsaid(place):
    with pytest.raises(UsageError) as refusal:
        store_of(place)
    assert "hush" not in str(refusal.value)
