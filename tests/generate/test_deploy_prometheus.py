"""The alerts and the dashboard of `jobgen deploy prometheus` fit what a worker reports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from jobgen.apply import apply_plan, last_receipt, plan_undo
from jobgen.generate.table import find_generator
from jobgen.project import find_project
from tests.generate.projects import apply
from tests.support.application import Application
from tests.support.metrics import Metrics, start_with_metrics, wait_for_metrics
from tests.support.tree import SHOP, read_tree, write_tree

DOCUMENT = Path(__file__).parents[2] / "docs/metrics.md"
OF_PROMETHEUS = {"job", "instance"}
"""The labels that Prometheus adds to each sample."""


def queries_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Return the PromQL of all alerts, and of the dashboard's panels and variables."""
    [group] = yaml.safe_load((folder / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"].endswith(".")
        yield rule["alert"], rule["expr"]
    board = json.loads((folder / "grafana.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"])
            assert found is not None
            metric = found[1] if "{" in found[1] else f"{found[1]}{{}}"
            yield variable["name"], f"max by ({found[2]}) ({metric})"


def check_query(query: str, metrics: Metrics) -> None:
    """Check that each metric, label and outcome of a query is in the scrape."""
    labels = metrics.labels()
    samples = [sample for family in metrics.families for sample in family.samples]
    outcomes = {sample.labels.get("outcome") for sample in samples}
    used = set(re.findall(r"\bjobgen_\w+", query)) | set(re.findall(r"\bup\b", query))
    assert used
    assert used - {"up"} <= labels.keys(), query
    for metric, matchers in re.findall(r"(\w+)\{([^}]*)\}", query):
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', matchers):
            assert label in labels.get(metric, set()) | OF_PROMETHEUS, query
            assert label != "outcome" or set(value.split("|")) <= outcomes, query
    known = OF_PROMETHEUS.union(*(labels.get(metric, set()) for metric in used))
    for grouping in re.findall(r"\b(?:by|on) \(([^)]*)\)", query):
        assert set(grouping.split(", ")) <= known, query


def check_document(metrics: Metrics) -> None:
    """Check that docs/metrics.md has a row for each metric that a worker reports, and no other."""
    tables = re.findall(r"^\| (`jobgen_.*?) \|", DOCUMENT.read_text(), re.MULTILINE)
    documented = {name for row in tables for name in re.findall(r"`(\w+)`", row)}
    parts = re.compile(r"_(bucket|count|sum)$")
    assert documented == {
        parts.sub("", name) for name in metrics.labels() if name.startswith("jobgen_")
    }


def test_alerts_and_dashboard_use_metrics_and_labels_that_a_worker_reports(
    app: Application, tmp_path: Path
) -> None:
    _, url = start_with_metrics(app)
    root = write_tree(tmp_path / "orders", SHOP)
    generator = find_generator("deploy prometheus")
    assert generator is not None
    before = read_tree(root)
    apply(root, generator.make_plan(find_project(root), {}))
    assert not generator.make_plan(find_project(root), {}).pending
    found = wait_for_metrics(
        url,
        lambda seen: (
            seen.get("jobgen_jobs_due", kind="Probe") == 0
            and seen.get("jobgen_process_healthy", process="1") == 1
        ),
    )
    check_document(found)
    queries = list(queries_of(root / "deploy/prometheus"))
    assert len(queries) > 25
    for _, query in queries:
        check_query(query, found)
    wrongs = ["jobgen_jobs", "sum by (task) (jobgen_slots)", 'jobgen_attempts_total{outcome="ok"}']
    for wrong in wrongs:
        with pytest.raises(AssertionError):
            check_query(wrong, found)
    receipt = last_receipt(root)
    assert receipt is not None
    apply_plan(root, plan_undo(root, receipt), undoes=receipt)
    assert read_tree(root) == before
