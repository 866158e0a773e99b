"""Findings as text, JSON, GitHub's workflow commands, or SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from jobgen import __version__
from jobgen.check.finding import Finding, Rule

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Sequence[Finding]) -> str:
    """Return one line for each finding, as compilers write them, and its hint below.

    A finding that concerns a whole file is at its first line: editors skip those without a line.
    """
    lines: list[str] = []
    for finding in findings:
        path, line, column = _place(finding)
        if path is not None and line is None:
            line = 1
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        message, *more = finding.message.splitlines()
        lines.append(f"{place or '.'}: {message} [{finding.rule.value}]")
        lines += [f"    {line}" for line in more]
        if finding.hint:
            lines.append(f"    {finding.hint}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """Return a JSON document with all fields of each finding."""
    document = {"version": 1, "findings": [finding_fields(finding) for finding in findings]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_github(findings: Sequence[Finding]) -> str:
    """Return GitHub's workflow commands, which annotate the lines of a pull request.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    lines: list[str] = []
    for finding in findings:
        names = ("file", "line", "col")
        given = zip(names, _place(finding), strict=True)
        properties = [f"{name}={_property(str(value))}" for name, value in given if value]
        properties.append(f"title={_property(finding.rule.value)}")
        text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
        lines.append(f"::error {','.join(properties)}::{_data(text)}")
    return "\n".join(lines)


def as_sarif(findings: Sequence[Finding]) -> str:
    """Return a SARIF 2.1.0 document."""
    rules = [
        {"id": rule.value, "shortDescription": {"text": rule.value.replace("-", " ")}}
        for rule in Rule
    ]
    driver = {"name": "jobgen", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(each) for each in findings]}
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
"""The formats by their names on the command line."""


def _place(finding: Finding) -> tuple[str | None, int | None, int | None]:
    path = None if finding.path is None else str(finding.path)
    return path, finding.line, finding.column


def finding_fields(finding: Finding) -> dict[str, object]:
    """Return a finding as `jobgen check --format json` prints it."""
    path, line, column = _place(finding)
    return {
        "rule": finding.rule.value,
        "message": finding.message,
        "path": path,
        "line": line,
        "column": column,
        "hint": finding.hint,
        "fixable": finding.is_fixable,
    }


def _sarif_result(finding: Finding) -> dict[str, object]:
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    result: dict[str, object] = {
        "ruleId": finding.rule.value,
        "level": "error",
        "message": {"text": text},
    }
    if finding.path is not None:
        location: dict[str, object] = {"artifactLocation": {"uri": str(finding.path)}}
        if finding.line is not None:
            region = {"startLine": finding.line}
            if finding.column is not None:
                region["startColumn"] = finding.column
            location["region"] = region
        result["locations"] = [{"physicalLocation": location}]
    return result


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
