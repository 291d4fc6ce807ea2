"""A verdict as JUnit XML: a check is a test case."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from mmaudit.gate.verdict import Result, Verdict, tells

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KINDS = {"fail": "failure", "inconclusive": "error"}


def write(verdict: Verdict, path: str | Path) -> None:
    """Write the verdict; characters that XML 1.0 has no place for become U+FFFD."""
    suite = ET.Element(
        "testsuite",
        name="mmaudit gate",
        tests=str(len(verdict.results)),
        failures=str(len(verdict.having("fail"))),
        errors=str(len(verdict.having("inconclusive"))),
        skipped="0",
    )
    for result in verdict.results:
        _case(suite, result)
    root = ET.Element("testsuites", name="mmaudit")
    root.append(suite)
    ET.indent(root)
    ET.ElementTree(root).write(path, "utf-8", xml_declaration=True)


def _case(suite: ET.Element, result: Result) -> None:
    name = _legal(result.id)
    case = ET.SubElement(suite, "testcase", classname=_legal(result.metric), name=name)
    cells = _legal("\n".join(f"{c.outcome}: {c.label}: {tells(c)}" for c in result.cells))
    if result.status in KINDS:
        first = result.cells[0]
        message = _legal(f"{first.label}: {tells(first)}")
        kind = ET.SubElement(case, KINDS[result.status], message=message, type=result.outcome)
        kind.text = cells
    else:
        ET.SubElement(case, "system-out").text = f"{result.status}\n{cells}"


def _legal(text: str) -> str:
    return ILLEGAL.sub("�", text)
