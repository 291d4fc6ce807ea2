"""Arrow files: streams as Hugging Face datasets save them, and files with a footer (Feather)."""

from pathlib import Path

import pyarrow as pa

from mmaudit.parsing.base import refusing

FOOTED = b"ARROW1"
STREAM = b"\xff\xff\xff\xff"


def batches(path: Path) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    """The schema and the batches of a file, which is mapped and not read into memory.

    Raises:
        InputError: It is not a whole Arrow file.
    """
    with refusing("not a whole Arrow file", path, "save it again"):
        with path.open("rb") as file:
            footed = file.read(len(FOOTED)) == FOOTED
        mapped = pa.memory_map(str(path))
        if footed:
            reader = pa.ipc.open_file(mapped)
            return reader.schema, [reader.get_batch(i) for i in range(reader.num_record_batches)]
        stream = pa.ipc.open_stream(mapped)
        return stream.schema, list(stream)
