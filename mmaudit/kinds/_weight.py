"""What pictures and sounds weigh when they are decoded, told from their headers alone."""

import importlib
import struct
from io import BytesIO

from mmaudit.kinds.base import Undecodable
from mmaudit.parsing.base import Parsing

PNG_CHANNELS = {0: 1, 2: 3, 3: 4, 4: 2, 6: 4}  # by colour type; a palette may be transparent


def picture(data: bytes, plugin: str, most: int) -> int:
    """Bytes of the pixels of a picture; 0 where it has more than `most`, and is not decoded.

    Args:
        data: Its file.
        plugin: The plugin of Pillow that reads it, where it is neither JPEG nor PNG.
        most: Pixels at most.

    Raises:
        Undecodable: Its header cannot be read.
    """
    with parsing():
        if data.startswith(b"\xff\xd8\xff"):
            simplejpeg = importlib.import_module("simplejpeg")
            height, width, space, _ = simplejpeg.decode_jpeg_header(data)
            each = 1 if space == "Gray" else 3
        elif data.startswith(b"\x89PNG"):
            width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
            each = PNG_CHANNELS[colour] * (2 if depth == 16 else 1)
        else:
            module = importlib.import_module(f"PIL.{plugin}ImagePlugin")
            with getattr(module, f"{plugin}ImageFile")(BytesIO(data)) as image:
                width, height, each = image.width, image.height, 4
    pixels = int(width) * int(height)
    return pixels * each if pixels <= most else 0


def sound(data: bytes, opened: type[BytesIO], most: int) -> int:
    """Bytes of the samples of a sound, 4 each; 0 where it has more than `most`.

    Args:
        data: Its file.
        opened: How bytes become a file.
        most: Samples at most, over all channels.

    Raises:
        Undecodable: Its header cannot be read.
    """
    with parsing(), importlib.import_module("soundfile").SoundFile(opened(data)) as file:
        samples = int(file.frames) * int(file.channels)
    return 4 * samples if samples <= most else 0


def parsing() -> Parsing:
    """A time in which a library reads a header: what it raises is said of the file."""
    return Parsing(lambda why: Undecodable(f"its header cannot be read: {why}"))
