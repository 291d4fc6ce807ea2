"""PNG files: whether one is whole, which decoders do not say."""

import zlib

from mmaudit.kinds.base import Undecodable

PNG = b"\x89PNG\r\n\x1a\n"


def check(data: bytes) -> None:
    """Refuse a file of which a part is missing or damaged.

    Raises:
        Undecodable: It is not whole.
    """
    at = len(PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        end = at + 8 + length
        if zlib.crc32(data[at + 4 : end]).to_bytes(4) != data[end : end + 4]:
            break
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end + 4
    raise Undecodable(f"not a whole PNG: damaged at byte {at}")
