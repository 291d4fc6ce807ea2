"""Where a model runs: ``auto`` is the GPU if torch sees one, else the CPU."""

from mmaudit.errors import MissingError, UsageError

DEVICES = ("auto", "cpu", "cuda")


def valid(device: str) -> str:
    """The device, if there is such a name.

    Raises:
        UsageError: It is not ``auto``, ``cpu`` or ``cuda``.
    """
    if device not in DEVICES:
        raise UsageError(f"there is no device {device!r}", fix=" or ".join(DEVICES))
    return device


def torch_device(device: str) -> str:
    """``cpu`` or ``cuda``, for a model that runs in torch.

    Raises:
        MissingError: ``cuda`` was asked for and torch sees none.
    """
    if valid(device) == "cpu":
        return "cpu"
    import torch  # noqa: PLC0415  # 1 s, and most adapters need none

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise MissingError(
            "torch sees no CUDA device",
            fix="--device cpu, or install a CUDA build of torch; mmaudit doctor says what is here",
        )
    return "cpu"


def only_cpu(device: str, what: str) -> str:
    """``cpu``, for a model that has no other place to run.

    Raises:
        UsageError: ``cuda`` was asked for.
    """
    if valid(device) == "cuda":
        raise UsageError(f"{what} runs on the CPU only", fix="--device cpu or --device auto")
    return "cpu"
