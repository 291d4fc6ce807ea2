"""What is done to a whole input: bytes, text, TOML, JSON by its values, tables with a fresh seal."""

import json
import random

VALUES = (
    *("0", "-1", "1e309", "nan", "inf", "true", '""', r'"\u0000"', "[]", "{}", "1979-05-27"),
    *('"../../../etc/passwd"', '"/etc/passwd"', "99999999999999999999", '"a"', '["a", "b"]'),
    *('"file:///etc/passwd"', '"http://127.0.0.1:9/x"', '"image"', '"text"', '"vector"'),
    *('"series"', '"table"', '"*"', '"{0..9}"', '"{000000000..999999999}"', '"**"', '"."'),
    *(
        '"' + "x" * 5000 + '"',
        "0x7fffffff",
        "-0.0",
        '"d.parquet"',
        '"all"',
        '"csv"',
        '"webdataset"',
    ),
    *(
        "[" * 100 + "]" * 100,
        "9" * 5000,
        '"python:evil.py:f"',
        "[[[1]]]",
        "[{a = 1}]",
        '"a\\n\\tb"',
    ),
)
KEYS = (
    *("root", "split", "group", "slices", "format", "max_pixels", "max_bytes", "max_samples"),
    *("mask", "sample_rate", "shape", "many", "columns", "categorical", "column", "kind", "path"),
    *("classes", "min", "max", "max_drop", "severities", "replicates", "missing", "seed", "id"),
    *("absent", "value", "trust", "metric", "level", "until", "min_n", "sha256", "workers"),
)
PIECES = (
    *(
        '"',
        "\n",
        "\r",
        "\x00",
        ",",
        ",,",
        "\ufeff",
        "\u2028",
        "NaN",
        "1e999",
        "{",
        "[",
        "null",
        "-",
    ),
    *(
        "\\u0000",
        "\\ud800",
        "\U0001f600",
        "../../../../etc/passwd",
        '"""',
        "9" * 400,
        "[" * 70,
        "\x1b[2J",
    ),
)
JSONS = (
    *(
        None,
        True,
        0,
        -1,
        1e308,
        10**30,
        "",
        "\0",
        "x" * 3000,
        [],
        {},
        [[]],
        "../..",
        "\ud800",
        -0.5,
    ),
)
WORDS = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0")


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes cut off, flipped, moved, repeated, or others."""
    if not data:
        return rng.randbytes(20)
    out, at = bytearray(data), rng.randrange(len(data))
    match rng.choices(range(8), (5, 7, 2, 2, 2, 1, 1, 1))[0]:
        case 0:
            del out[at:]
        case 1:
            for _ in range(rng.choice((1, 1, 2, 8, 64))):
                out[rng.randrange(len(out))] = rng.randrange(256)
        case 2:
            out[at : at + 4] = rng.choice(WORDS)
        case 3:
            other = rng.randrange(len(out))
            out[at:at] = out[other : other + rng.randrange(1, 64)]
        case 4:
            del out[at : at + rng.randrange(1, 64)]
        case 5:
            out[at : at + 64] = rng.randbytes(min(64, len(out) - at))
        case 6:
            out = out[len(out) // 2 :]
        case 7:
            out += rng.randbytes(100)
    return bytes(out)


def rewritten(rng: random.Random, data: bytes) -> bytes:
    """A text with pieces put in."""
    text = data.decode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(4) :]
    return text.encode("utf-8", "surrogatepass")


def toml(rng: random.Random, data: bytes) -> bytes:
    """A TOML file with other values, keys and lines."""
    lines = data.decode().split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at, draw = rng.randrange(len(lines)), rng.random()
        if draw < 0.45 and "=" in lines[at]:
            lines[at] = f"{lines[at].split('=')[0]}= {rng.choice(VALUES)}"
        elif draw < 0.55:
            lines.insert(at, rng.choice(lines))
        elif draw < 0.65:
            del lines[at]
            lines = lines or [""]
        elif draw < 0.72 and lines[at]:
            cut = rng.randrange(len(lines[at]))
            sign = rng.choice("\"'=[]{}.,#\\\x00\n é\ufeff")
            lines[at] = lines[at][:cut] + sign + lines[at][cut + 1 :]
        elif draw < 0.92:
            lines.insert(at + 1, f"{rng.choice(KEYS)} = {rng.choice(VALUES)}")
        else:
            lines[at] *= 2
    made = "\n".join(lines).encode("utf-8", "surrogatepass")
    return damaged(rng, made) if rng.random() < 0.1 else made


def json_values(rng: random.Random, data: bytes) -> bytes:
    """JSON that stays JSON, with other values, or without some."""
    try:
        value = json.loads(data)
    except ValueError:
        return damaged(rng, data)
    for _ in range(rng.choice((1, 1, 2))):
        places = list(_places(value))
        if not places:
            break
        holder, key = rng.choice(places)
        if rng.random() < 0.25:
            del holder[key]
        else:
            holder[key] = rng.choice(JSONS)
    return json.dumps(value).encode()


def table(rng: random.Random, path) -> None:
    """A Parquet table of mmaudit with other metadata or columns, sealed as a whole one."""
    import pyarrow.parquet as pq

    from mmaudit.tables import store

    whole = pq.read_table(path)
    metadata = {k: v for k, v in (whole.schema.metadata or {}).items() if k != b"mmaudit.sha256"}
    if metadata and rng.random() < 0.7:
        key = rng.choice(sorted(metadata))
        change = rng.choice((json_values, rewritten, damaged))
        metadata[key] = change(rng, metadata[key])
    elif whole.num_columns > 1 and rng.random() < 0.5:
        whole = whole.drop_columns([rng.choice(whole.column_names)])
    elif rng.random() < 0.5:
        whole = whole.slice(0, rng.randrange(whole.num_rows + 1))
    else:
        names = list(whole.column_names)
        names[rng.randrange(len(names))] = rng.choice(("id", "x", "", "\u202e"))
        whole = whole.rename_columns(names)
    store.write(whole.replace_schema_metadata(metadata), path)


def _places(value):
    """Every place in a value, as what holds it and its key there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
