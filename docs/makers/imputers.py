"""Imputers: what each fills in, how it is asked for, and by which source."""

from collections.abc import Iterator

from makers.markdown import code, item, page, paragraph, prose, table
from makers.readers import modules
from makers.source import Module
from mmaudit.imputers.base import KIND


def text() -> str:
    """The page of the imputers."""
    by_name = modules(KIND)
    rows = [[f"[{n}](#{n})", code(_asked(n, m)), m.summary] for n, m in by_name.items()]
    return page(
        "# Imputers",
        paragraph(
            "`--absent` takes them beside the fillers that look at nothing; see "
            "[imputers](../imputers.md) for what they are fitted on and how they are judged."
        ),
        table(["imputer", "policy", "what it fills in"], [[a, b, _plain(c)] for a, b, c in rows]),
        *(piece for n, m in by_name.items() for piece in _imputer(n, m)),
    )


def _imputer(name: str, module: Module) -> Iterator[str]:
    yield f"## {name}"
    yield prose(module.doc)
    yield item(f"*source* {module.constant('SOURCE', '')}")


def _asked(name: str, module: Module) -> str:
    count = module.constant("COUNT", 0)
    return f"{name}:{count}" if count else name


def _plain(summary: str) -> str:
    return summary.partition(": ``")[0]
