"""`jobgen deploy …` writes files that their tools accept, and that belong to the user."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from jobgen.errors import JobgenError
from jobgen.generate.table import find_generator
from jobgen.plan.model import Plan
from jobgen.project import find_project
from tests.generate.projects import apply, job, messages, operations, script
from tests.support.programs import SYSTEMD_ANALYZE
from tests.support.tree import PEP8_SHOP, SHOP, write_tree

PYPROJECT = """\
[project]
name = "The Shop"
dependencies = ["jobgen-runtime[binary]", "uvicorn>=0.34"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {**SHOP, "pyproject.toml": f"{PYPROJECT}\n{SHOP['pyproject.toml']}"}
    project = write_tree(tmp_path / "shop", files)
    apply(project, job(project, "EmailCustomers"))
    apply(project, job(project, "Order"))
    apply(project, script(project, "RunEmailCustomersJob"))
    return project


def deploy(root: Path, target: str) -> Plan:
    generator = find_generator(f"deploy {target}")
    assert generator is not None
    return generator.make_plan(find_project(root), {})


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def test_units_are_accepted_by_systemd(root: Path, tmp_path: Path) -> None:
    program = SYSTEMD_ANALYZE.require()
    apply(root, deploy(root, "systemd"))
    names = [path.name for path in sorted((root / "deploy/systemd").iterdir())]
    assert names == [
        "the-shop-failed@.service",
        "the-shop-script@.service",
        "the-shop-script@RunEmailCustomersJob.timer",
        "the-shop-worker@.service",
    ]
    units = tmp_path / "units"
    units.mkdir()
    for name in names:
        text = (root / "deploy/systemd" / name).read_text()
        # Neither the programs nor the user are on this machine.
        text = re.sub(r"/opt/the-shop/bin/[\w/%]+", "/bin/true", text)
        (units / name).write_text(text.replace("User=the-shop", "User=root"))
    checked = subprocess.run(
        [program, "verify", units / "the-shop-worker@1.service", units / names[2]],
        env={"SYSTEMD_UNIT_PATH": f"{units}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_worker_unit_leaves_jobs_the_time_to_end(root: Path) -> None:
    apply(root, deploy(root, "systemd"))
    unit = (root / "deploy/systemd/the-shop-worker@.service").read_text()
    assert "Type=notify\n" in unit
    assert int(unit.partition("TimeoutStopSec=")[2].partition("\n")[0]) > 25


def test_line_for_cron_runs_the_script_with_the_environment(root: Path, tmp_path: Path) -> None:
    apply(root, deploy(root, "cron"))
    *_, line = (root / "deploy/cron.d/the-shop").read_text().splitlines()
    *times, user, command = line.split(" ", 6)
    assert (times, user) == (["0", "5", "*", "*", "*"], "the-shop")
    program = write_tree(tmp_path, {"run": "#!/bin/sh\necho ran with $DATABASE_URL\n"}) / "run"
    program.chmod(0o755)
    (tmp_path / "env").write_text("DATABASE_URL='postgresql://x/y'\n")
    command = command.replace("/etc/the-shop.env", str(tmp_path / "env"))
    command = command.replace("/opt/the-shop/bin/Script/RunEmailCustomersJob", str(program))
    shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert shown.stdout == "ran with postgresql://x/y\n"


def test_cron_without_a_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobgenError, match="no script"):
        deploy(write_tree(tmp_path, SHOP), "cron")


def test_dockerfile_installs_the_declared_dependencies(root: Path) -> None:
    apply(root, deploy(root, "docker"))
    text = (root / "Dockerfile").read_text()
    [command] = re.findall(r"RUN (python -c .*?>requirements\.txt)", text, re.DOTALL)
    command = command.replace("python", sys.executable, 1).replace("\\\n", "")
    subprocess.run(["sh", "-ec", command], cwd=root, check=True)
    assert (root / "requirements.txt").read_text() == "jobgen-runtime[binary]\nuvicorn>=0.34\n"
    assert re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE) == [
        "dependencies",
        "application",
        "migrate",
        "web",
        "worker",
    ]
    assert 'CMD ["run-jobs", "--health", "0.0.0.0:8001"]' in text
    assert '"Web.FrontController:app"' in text


@pytest.mark.parametrize(
    ("file", "command"),
    [
        (None, '["jobgen", "migrate", "--yes"]'),
        ("alembic.ini", '["alembic", "upgrade", "head"]'),
        ("manage.py", '["python", "manage.py", "migrate"]'),
    ],
)
def test_migration_of_the_dockerfile_is_that_of_the_tool_that_changes_the_database(
    root: Path, file: str | None, command: str
) -> None:
    if file is not None:
        (root / file).touch()
        config = root / "pyproject.toml"
        config.write_text(f'{config.read_text()}schema_source = "database"\n')
    apply(root, deploy(root, "docker"))
    text = (root / "Dockerfile").read_text()
    assert f"USER 10001\nCMD {command}\n" in text
    assert ('pip install "jobgen==' in text) is (file is None)
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", ["requirements.txt", "uv.lock"])
def test_dockerfile_prefers_exact_lists_of_dependencies(root: Path, name: str) -> None:
    (root / name).write_text("")
    apply(root, deploy(root, "docker"))
    text = (root / "Dockerfile").read_text()
    assert re.search(rf"^COPY [\w. ]*{re.escape(name)} \./$", text, re.MULTILINE)
    assert "tomllib" not in text


def test_dependency_that_only_this_machine_has_is_named(root: Path) -> None:
    (root / "requirements.txt").write_text("shop-tools @ file:///home/ada/tools\n")
    [warning] = deploy(root, "docker").warnings
    assert warning.startswith("Only this machine has file:///home/ada/tools, so an image cannot")


def test_compose_builds_the_targets_of_the_dockerfile_in_order(root: Path) -> None:
    apply(root, deploy(root, "docker"))
    apply(root, deploy(root, "compose"))
    [document] = documents(root / "compose.yaml")
    services = document["services"]
    built = {name: each["build"]["target"] for name, each in services.items() if "build" in each}
    targets = re.findall(r"^FROM \S+ AS (\w+)$", (root / "Dockerfile").read_text(), re.MULTILINE)
    assert built == {"migrate": "migrate", "worker": "worker", "web": "web"}
    assert set(built.values()) <= set(targets)
    assert services["worker"]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"}
    }
    assert services["web"]["environment"]["DATABASE_URL"].endswith("@postgres/the-shop")


def test_kubernetes_files_fit_together(root: Path) -> None:
    apply(root, deploy(root, "kubernetes"))
    folder = root / "deploy/kubernetes"
    deployment, budget = documents(folder / "worker.yaml")
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
    assert budget["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    assert pod["spec"]["containers"][0]["readinessProbe"]["httpGet"]["port"] in ports
    assert pod["spec"]["terminationGracePeriodSeconds"] > 25
    web, service = documents(folder / "web.yaml")
    assert service["spec"]["selector"] == web["spec"]["template"]["metadata"]["labels"]
    _, scale = documents(folder / "scale.yaml")
    assert scale["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]


def test_scale_counts_due_jobs_of_all_kinds_by_the_index_of_the_claim(
    root: Path, database: str
) -> None:
    apply(root, deploy(root, "kubernetes"))
    _, scale = documents(root / "deploy/kubernetes/scale.yaml")
    query = scale["spec"]["triggers"][0]["metadata"]["query"].encode()
    with psycopg.connect(database) as conn:
        for table in ("email_customers_jobs", "order_jobs"):
            conn.execute(
                f"""CREATE TABLE {table} (
                    id uuid DEFAULT gen_random_uuid(), status text, run_at timestamptz
                );
                CREATE INDEX {table}_claim ON {table} (run_at, id)
                WHERE status IN ('job_status_not_started', 'job_status_retry');
                INSERT INTO {table} (status, run_at)
                SELECT 'job_status_succeeded', now() FROM generate_series(1, 5000);
                INSERT INTO {table} (status, run_at) VALUES
                ('job_status_not_started', now()), ('job_status_retry', now()),
                ('job_status_retry', now() + interval '1 hour');
                ANALYZE {table}""".encode()  # noqa: S608 -- two literals
            )
        assert conn.execute(query).fetchone() == (4,)
        plan = "\n".join(row[0] for row in conn.execute(b"EXPLAIN " + query))
    assert "email_customers_jobs_claim" in plan
    assert "order_jobs_claim" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("target", ["compose", "cron", "docker", "kubernetes", "systemd"])
def test_files_belong_to_the_user_once_they_are_written(root: Path, target: str) -> None:
    plan = apply(root, deploy(root, target))
    assert set(operations(plan).values()) == {"create"}
    assert set(operations(deploy(root, target)).values()) == {"identical"}
    path = root / plan.changes[0].path
    path.write_text(f"{path.read_text()}# mine\n")
    assert "already exists, and differs" in messages(deploy(root, target))


@pytest.mark.parametrize(
    ("web", "module"),
    [
        ("", '"8000", "shop.web:app"]'),
        ('web = "app.main:create()"', '"8000", "--factory", "app.main:create"]'),
        ('web = "command python manage.py"', None),
    ],
)
def test_web_application_is_the_one_that_the_project_names(
    tmp_path: Path, web: str, module: str | None
) -> None:
    config = PEP8_SHOP["pyproject.toml"].replace("[tool.jobgen]\n", f"[tool.jobgen]\n{web}\n", 1)
    root = write_tree(tmp_path / "shop", {**PEP8_SHOP, "pyproject.toml": config})
    apply(root, deploy(root, "docker"))
    text = (root / "Dockerfile").read_text()
    assert ("AS web" in text) is (module is not None)
    assert module is None or module in text
