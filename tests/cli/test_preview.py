"""Previews write nothing, diffs can be applied by git, and JSON plans by jobgen."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from tests.cli.command import Jobgen
from tests.support.tree import read_tree


def everything(root: Path) -> set[str]:
    """Return every path below `root`, with jobgen's own folder and bytecode."""
    return {str(path) for path in root.rglob("*")}


def test_preview_writes_no_file_at_all(jobgen: Jobgen, shop: Path) -> None:
    before, paths = read_tree(shop), everything(shop.parent)
    for words in (
        ["job", "EmailCustomers", "--dry-run", "--diff"],
        ["job", "EmailCustomers", "--dry-run", "--json"],
        ["script", "Nightly", "--dry-run"],
        ["job", "EmailCustomers", "--diff"],
        ["job", "EmailCustomers", "--json"],
        ["types", "--dry-run"],
        ["undo", "--dry-run"],
        ["list"],
    ):
        assert jobgen(*words).code == 0
    assert jobgen("types", "--check").code == 3
    assert read_tree(shop) == before
    assert everything(shop.parent) == paths


def test_dry_run_shows_the_same_changes_as_the_real_run(jobgen: Jobgen, shop: Path) -> None:
    shown = jobgen("job", "EmailCustomers", "--dry-run")
    done = jobgen("job", "EmailCustomers")
    assert shown.out.splitlines()[:6] == done.out.splitlines()[:6]
    assert "create     Web/Job/EmailCustomers.py" in done.out
    assert "nothing was written" in shown.out
    assert "jobgen migrate" in done.out
    again = jobgen("job", "EmailCustomers")
    assert (again.code, "Nothing to do" in again.out) == (0, True)


def test_yes_writes_the_plan_that_json_and_diff_show(jobgen: Jobgen, shop: Path) -> None:
    assert "--yes writes it" in jobgen("job", "EmailCustomers", "--diff").out
    shown = jobgen("job", "EmailCustomers", "--json", "--yes").json
    assert len(shown["actions"]) == 6
    for action in shown["actions"]:
        assert (shop / action["path"]).read_text() == action["after"]
    assert "+++" in jobgen("script", "Nightly", "--diff", "--yes").out
    assert (shop / "Application/Script/Nightly.py").exists()


def test_git_applies_the_diff_of_a_plan(jobgen: Jobgen, shop: Path) -> None:
    schema = shop / "Application/Schema.sql"
    schema.write_bytes(schema.read_bytes().rstrip(b"\n"))
    for words in (["job", "EmailCustomers"], ["script", "RunEmailCustomersJob"]):
        shown = jobgen(*words, "--dry-run", "--diff").out
        patch = shown[shown.index("\n\n") + 2 : shown.index("Dry run:")]
        planned = jobgen(*words, "--dry-run", "--json").json
        assert planned["actions"]
        subprocess.run(
            ["git", "apply", "--unidiff-zero", "-"], cwd=shop, input=patch, text=True, check=True
        )
        for action in planned["actions"]:
            if action["after"] is not None:
                assert (shop / action["path"]).read_bytes().decode() == action["after"]
    assert (shop / "Application/Script/RunEmailCustomersJob.py").stat().st_mode & 0o111
    assert jobgen("job", "EmailCustomers").out.count("identical") == 6


def test_json_plan_has_actions_with_digests_and_diffs(jobgen: Jobgen, shop: Path) -> None:
    plan = jobgen("job", "EmailCustomers", "note:text?", "--dry-run", "--json").json
    assert set(plan) == {
        "version",
        "generator",
        "args",
        "actions",
        "issues",
        "warnings",
        "next_steps",
    }
    assert (plan["version"], plan["generator"]) == (1, "job")
    assert plan["args"] == {"name": "EmailCustomers", "columns": ["note:text?"], "app": "Web"}
    assert len(plan["actions"]) == 6
    for action in plan["actions"]:
        assert set(action) == {"op", "path", "before_sha256", "after", "diff"}
        path = shop / action["path"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
        assert action["before_sha256"] == digest
        assert action["op"] == ("update" if path.exists() else "create")
        assert action["diff"].startswith("--- ")


def test_json_plan_is_applied_as_it_was_printed(jobgen: Jobgen, shop: Path, tmp_path: Path) -> None:
    plan = jobgen("job", "EmailCustomers", "--json")
    applied = jobgen("apply", "-", stdin=plan.out)
    assert (applied.code, applied.err) == (0, "")
    assert len(plan.json["actions"]) == 6
    for action in plan.json["actions"]:
        assert (shop / action["path"]).read_text() == action["after"]
    assert jobgen("job", "EmailCustomers").out.count("identical") == 6
    script = jobgen("script", "Nightly", "--dry-run", "--json").out
    (tmp_path / "plan.json").write_text(script)
    assert jobgen("apply", str(tmp_path / "plan.json"), "--json").json["generator"] == "script"
    assert (shop / "Application/Script/Nightly.py").stat().st_mode & 0o111
    assert jobgen("undo").code == 0
    assert not (shop / "Application/Script").exists()


def test_json_plan_for_files_that_changed_since_is_refused(jobgen: Jobgen, shop: Path) -> None:
    plan = jobgen("job", "EmailCustomers", "--dry-run", "--json").out
    with (shop / "Application/Schema.sql").open("a") as schema:
        schema.write("-- more\n")
    before = read_tree(shop)
    done = jobgen("apply", "-", stdin=plan)
    assert (done.code, "Application/Schema.sql" in done.err) == (4, True)
    assert read_tree(shop) == before


def test_json_plan_with_a_path_outside_the_project_is_refused(jobgen: Jobgen, shop: Path) -> None:
    plan = jobgen("script", "Nightly", "--dry-run", "--json").json
    before = read_tree(shop.parent)
    for path in ("../evil.py", "/evil.py", ".git/hooks/pre-commit", ".jobgen/lock", "", "a/.."):
        plan["actions"][0]["path"] = path
        assert jobgen("apply", "-", stdin=json.dumps(plan)).code == 2
    for text in ("", "nonsense", "[]", "{}", '{"version": 2}', '{"version": 1}'):
        assert jobgen("apply", "-", stdin=text).code == 2
    refused = jobgen("job", "1st", "--dry-run", "--json")
    assert jobgen("apply", "-", stdin=refused.out).code == 1
    assert read_tree(shop.parent) == before


def test_list_describes_the_generators_and_names_jobs_and_scripts(jobgen: Jobgen) -> None:
    jobgen("job", "EmailCustomers")
    jobgen("job", "CleanUp", "--app", "Admin")
    jobgen("script", "Nightly")
    listed = jobgen("list", "--json").json
    generators = {generator["name"]: generator for generator in listed["generators"]}
    assert {"job", "script", "types", "destroy job", "destroy script"} <= set(generators)
    arguments = generators["job"]["arguments"]
    assert arguments["required"] == ["name"]
    assert arguments["properties"]["app"]["default"] == "Web"
    assert arguments["properties"]["app"]["examples"] == ["Web", "Admin"]
    assert [(job["name"], job["app"]) for job in listed["jobs"]] == [
        ("CleanUp", "Admin"),
        ("EmailCustomers", "Web"),
    ]
    assert listed["jobs"][1]["table"] == "email_customers_jobs"
    assert [script["name"] for script in listed["scripts"]] == ["Nightly"]
    assert "EmailCustomers" in jobgen("list").out


def test_undo_names_the_command_that_it_reverses(jobgen: Jobgen, shop: Path) -> None:
    jobgen("job", "EmailCustomers", "note:text?", "--app", "Admin")
    command = "jobgen job EmailCustomers 'note:text?' --app Admin\n"
    assert jobgen("undo", "--dry-run").out.startswith(f"To be undone: {command}")
    module = shop / "Admin/Job/EmailCustomers.py"
    generated = module.read_text()
    module.write_text("")
    assert jobgen("undo").out.startswith(f"Not undone: {command}")
    module.write_text(generated)
    assert jobgen("undo").out.startswith(f"Undone: {command}")
