"""Further doses: every way in which damage to one kind of value is measured, whatever did it.

What a corruption names is its first dose, the one by which its severities are ordered. Two
corruptions with different first doses are compared by the others.
"""

from mmaudit.doses.base import Dose


def doses(kind: str, first: Dose) -> tuple[Dose, ...]:
    """The corruption's own dose, then the others of its kind.

    Args:
        kind: Kind of the modality; ``image`` has two doses, SSIM and PSNR, any other kind one.
        first: The corruption's own dose.
    """
    if kind != "image":
        return (first,)
    from mmaudit.doses.image import PSNR, SSIM  # noqa: PLC0415  cv2 and Numba

    return (first, *(dose for dose in (SSIM, PSNR) if dose.name != first.name))
