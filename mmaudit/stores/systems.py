"""File systems behind URLs: fsspec's, found by the scheme, or the line that installs them."""

from typing import Any
from urllib.parse import urlsplit

from mmaudit import extras, parts
from mmaudit.errors import MissingError, UsageError
from mmaudit.stores.reaching import Reaching
from mmaudit.stores.urls import shown


def opened(url: str, **options: Any) -> tuple[Any, str]:
    """The file system of a URL, and the path there.

    Args:
        url: The URL.
        options: What the file system is told.

    Raises:
        MissingError: A package for its scheme is not here.
        UsageError: There is no such scheme.
    """
    try:
        import fsspec  # noqa: PLC0415  only needed for URLs
    except ModuleNotFoundError as error:
        raise _lacking(url, "fsspec") from error
    if "::" in url:
        raise UsageError("a URL inside a URL is not read", where=shown(url), fix="copy the file")
    with Reaching(shown(url)):
        try:
            place: tuple[Any, str] = fsspec.core.url_to_fs(url, **options)
        except ImportError as error:
            cause = error.__cause__ or error.__context__ or error
            package = getattr(cause, "name", None) or getattr(error, "name", None)
            raise _lacking(url, (package or "fsspec").partition(".")[0]) from error
        except ValueError as error:
            scheme, schemes = urlsplit(url).scheme, tuple(fsspec.available_protocols())
            if scheme in schemes:
                raise
            raise UsageError(
                f"there is no scheme {scheme!r}",
                where=shown(url),
                fix=parts.close(scheme, schemes) or "https, s3, gs, abfs, hf, sftp, file …",
            ) from error
    return place


def _lacking(url: str, package: str) -> MissingError:
    scheme = urlsplit(url).scheme
    return MissingError(
        f"reading {scheme}:// needs the package {package!r}",
        where=shown(url),
        fix=extras.line(package),
    )
