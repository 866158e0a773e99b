"""The benchmark of the dashboard measures its pages and drains, and lists missed goals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.dashboard.client import Page
from benchmarks.dashboard.database import Size
from benchmarks.dashboard.measuring import Pair, Timings, p95
from benchmarks.dashboard.report import Run, markdown

ROOT = Path(__file__).parents[2]
SIZE = Size(finished=1_000, others=200, kinds=3, references=100, drained=200)


@pytest.mark.xdist_group("queue_benchmark")
def test_benchmark_measures_chosen_pages_and_the_loss_of_a_drain(tmp_path: Path) -> None:
    options = {**vars(SIZE), "requests": 1, "pairs": 1, "backlog": 200, "only": "job, "}
    options["json"] = tmp_path / "figures.json"
    arguments = [f"--{name}={value}" for name, value in options.items()]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dashboard", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    figures = json.loads((tmp_path / "figures.json").read_text())
    pages = {each["page"]["name"]: each for each in figures["pages"]}
    # tests/dashboard/test_page_costs.py loads all of them.
    assert set(pages) == {"job, succeeded", "job, failed", "job, not started"}
    for name, each in pages.items():
        assert each["status"] == 200, name
        assert each["bytes"] > 500
        assert len(each["idle"]) == 1
        assert f"| {name} | 200 |" in done.stdout
    [pair] = figures["drains"]
    assert 10 < pair["alone"] < 1e6
    assert 10 < pair["watched"] < 1e6


def test_report_lists_missed_goals_alone() -> None:
    def timings(name: str, status: int, *milliseconds: float) -> Timings:
        return Timings(Page(name, "/"), status, 1000, 1.0, list(milliseconds))

    met, slow = timings("met", 200, *[99.0] * 20), timings("slow", 200, *[1.0] * 18, 101, 101)
    pairs = [Pair(100.0, 99.0), Pair(100.0, 97.0), Pair(100.0, 90.0)]
    text = markdown(Run({}, SIZE, 20, [met, slow, timings("broken", 500, 1.0)], pairs))
    _, _, missed = text.partition("Goals that were missed:\n")
    assert missed.splitlines() == [
        "- slow: p95 101 ms, at most 100",
        "- broken: status 500",
        "- the drain with three browsers: loses 3.0 %, goal: 2",
    ]
    assert "All goals were met." in markdown(Run({}, SIZE, 20, [met], pairs[:1]))


def test_p95_is_the_value_that_95_of_100_do_not_exceed() -> None:
    assert p95([1.0]) == 1.0
    assert p95([float(n) for n in range(1, 101)]) == 95.0
    assert p95([3.0, 1.0, 2.0]) == 3.0
