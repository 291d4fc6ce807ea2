"""Corruptions: one page a family, and of every corruption all that it says of itself, shown."""

from collections.abc import Iterator

from makers import drawings, pictures, shown, written
from makers.markdown import code, item, page, paragraph, prose, table
from mmaudit import parts
from mmaudit.corruptions.base import Corruption
from mmaudit.injection.describe import facts

FOLDER = "corruptions"
DRAWN = {"image": pictures.photographs, "audio": pictures.spectrograms} | {
    "series": drawings.lines,
    "vector": drawings.stems,
    "missing": drawings.masks,
    "pairing": drawings.donors,
}
SUFFIX = {"image": ".webp", "audio": ".png"}
WRITTEN = {"text": written.texts, "table": written.cells, "label": written.labels}
TITLE = {
    "image": "Corruptions of images",
    "text": "Corruptions of texts",
    "audio": "Corruptions of audio",
    "series": "Corruptions of time series",
    "table": "Corruptions of rows of tables",
    "vector": "Corruptions of vectors",
    "missing": "Plans of missing modalities",
    "pairing": "Plans of wrong pairs",
    "label": "Plans of wrong labels",
}
EXPLAINED = {
    "image": "Pictures are clean, then at severity 1, 3 and 5: 224 × 224 pixels, at half size.",
    "text": "Shown is the clean text, then severity 1, 3 and 5; what is new is **bold**, what is "
    "gone is ~~struck out~~, and what nobody would see has a sign.",
    "audio": "Pictures are spectrograms, clean, then at severity 1, 3 and 5: a second of a voice, "
    "0 to 8 kHz upwards, 70 dB from dark to bright.",
    "series": "Pictures are two channels, clean, then at severity 1, 3 and 5 over the clean ones.",
    "table": "Shown is the clean row, then severity 1, 3 and 5; what changed is bold.",
    "vector": "Pictures are the 48 entries, clean, then at severity 1, 3 and 5; what changed is "
    "red, and a dot is zero.",
    "missing": "Pictures have a column for each of 48 samples and a row for each of three "
    "modalities, clean, then at severity 1, 3 and 5; what is absent is red. The samples are in "
    "the order of the number that `mar` goes by, four a group.",
    "pairing": "Pictures have a dot for each of 48 samples: across its own place, up the place of "
    "the sample whose value it got, clean, then at severity 1, 3 and 5; who got another's is red.",
    "label": "Shown are the classes of 24 samples, then those at severity 1, 3 and 5; what "
    "changed is bold.",
}


def families() -> dict[str, list[str]]:
    """Names of corruptions by family, in the order of the titles, then any others."""
    names = parts.own(FOLDER)
    order = dict.fromkeys([*TITLE, *(name.partition("/")[0] for name in names)])
    return {f: [n for n in names if n.startswith(f"{f}/")] for f in order}


def text(family: str) -> str:
    """The page of a family."""
    names = families()[family]
    hand = f"[What they have in common](../../corruptions/{family}.md), and where the literature"
    head = f"{EXPLAINED[family]} {hand} differs, is on a page of its own."
    rows = [[f"[{_short(name)}](#{_short(name)})", _what(name)] for name in names]
    return page(
        f"# {TITLE[family]}",
        paragraph(head),
        table(["name", "what it is"], rows),
        *(piece for name in names for piece in _section(name)),
    )


def images(family: str) -> dict[str, str | bytes]:
    """The pictures of a family by the name of their file."""
    names = families()[family] if family in DRAWN else []
    return {picture(name): DRAWN[family](name) for name in names}


def image_names(family: str) -> list[str]:
    """The files of the pictures of a family."""
    return [picture(name) for name in families()[family]] if family in DRAWN else []


def picture(name: str) -> str:
    """File of a corruption's picture, beside its page."""
    return f"images/{name.replace('/', '_')}{SUFFIX.get(name.partition('/')[0], '.svg')}"


def _section(name: str) -> Iterator[str]:
    family, module = name.partition("/")[0], parts.load(FOLDER, name)
    yield f"## {_short(name)}"
    what = (module.__doc__ or "").partition(": ")[2]
    yield prose(what[:1].upper() + what[1:])
    if shown.is_plan(name):
        yield prose(shown.load(name).plan.__doc__ or "")
    if family in DRAWN:
        yield f"![{_short(name)}, clean and at severity 1, 3 and 5]({picture(name)})"
    else:
        yield WRITTEN[family](name)
    yield _severities(name)
    yield "\n".join(item(f"{key}: {value}") for key, value in _facts(name))


def _short(name: str) -> str:
    return name.partition("/")[2]


def _what(name: str) -> str:
    """The summary without the name before it."""
    return parts.summary(FOLDER, name).partition(": ")[2].removesuffix(".")


def _severities(name: str) -> str:
    part = shown.load(name)
    levels = range(1, len(part.severities) + 1)
    rows = []
    for field in part.severities[0]._fields:
        values = [getattr(severity, field) for severity in part.severities]
        shown_ = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
        rows.append([code(field), *shown_, part.units[field]])
    return table(["severity", *map(str, levels), "unit"], rows)


def _facts(name: str) -> Iterator[tuple[str, str]]:
    """Dose, needs, subsets, what is kept, version and source."""
    part = shown.load(name)
    for key, value in facts(name):
        if key == "version" and isinstance(part, Corruption):
            yield "keeps", ", ".join(sorted(part.keeps)) or "nothing"
            if part.pixels:
                yield "in pixels of a picture of 224", ", ".join(map(code, sorted(part.pixels)))
            if not part.nested:
                yield "severities", "not in order for every sample, see the source"
        yield key, value
