"""The version of mmaudit, which every file that it writes names, and of what it works with."""

from importlib.metadata import PackageNotFoundError, version

VERSION = "0.1.0"
NUMBERS = (  # distributions that make numbers; another version may make others
    "numba",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pyarrow",
    "regex",
    "scikit-learn",
    "scipy",
    "simplejpeg",
    "soundfile",
    "torch",
)


def installed(*names: str) -> dict[str, str]:
    """Versions of distributions, those that are installed.

    Example:
        >>> sorted(installed("numpy", "not-a-package-of-anyone"))
        ['numpy']
    """
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
