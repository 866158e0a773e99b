"""Simple files are edited without LibCST, to the same bytes."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobgen.registration import register_dashboard, register_worker
from jobgen.registration.analysis import RegistrationTarget, find_list
from jobgen.registration.libcst_edit import add_with_libcst
from jobgen.registration.names import ListEntry
from jobgen.registration.text_edit import add_as_text

USES = {
    RegistrationTarget.WORKERS: "workers: list[type[Job[Any]]] = {list}",
    RegistrationTarget.DASHBOARD: "def make():\n    return JobsDashboard(auth=None, jobs={list})",
}
imports = st.lists(
    st.sampled_from(
        [
            "from typing import Any\n",
            "import os\n",
            "import os, sys\n",
            "from jobgen_runtime import Job\n",
            "from jobgen_runtime import Job  # the base\n",
            "from Web.Job.Alpha import Alpha\n",
            "from Web.Job.Zulu import Zulu\n",
            "from Web.Job.Zulu import (\n    Zulu,\n    zulu,\n)\n",
            "from Web.Job.New import helper\n",
            "from Admin.Worker import workers as admin_workers\n",
            "from .local import thing\n",
            "# about it\n",
            "setup()\n",
            "setup(); more()\n",
            "try:\n    import fast\nexcept ImportError:\n    fast = None\n",
            "\n",
            "\n",
        ]
    ),
    max_size=8,
)
items = st.lists(st.sampled_from(["Alpha", "Beta", "*gammas", "A" * 40, "1"]), max_size=4)
layouts = st.sampled_from(["one line", "a line each", "ragged"])
heads = st.sampled_from(["", '"""Doc."""\n', '"""Doc."""\n\n', "#!/bin/python\n\n"])
entries = st.sampled_from(
    [
        ListEntry("Web.Job.New", "New"),
        ListEntry("Web.Job.Delta2", "Delta2"),
        ListEntry("Web.Worker", "workers", alias="web_workers", starred=True),
        ListEntry("shop.jobs.new", "New"),
        ListEntry("Web.Job." + "N" * 50, "N" * 50),
    ]
)


def laid_out(elements: list[str], layout: str) -> str:
    if layout == "one line" or not elements:
        return f"[{', '.join(elements)}]"
    if layout == "a line each":
        return "[\n" + "".join(f"        {element},\n" for element in elements) + "    ]"
    return "[\n    " + ", ".join(elements) + "]"


@pytest.mark.parametrize("place", USES)
@settings(max_examples=400)
@given(
    head=heads,
    lines=imports,
    elements=items,
    layout=layouts,
    entry=entries,
    gap=st.sampled_from(["", "\n", "\n\n# here\n"]),
    with_import=st.booleans(),
    with_element=st.booleans(),
)
def test_edit_as_text_gives_the_same_bytes_as_libcst(
    *,
    place: RegistrationTarget,
    head: str,
    lines: list[str],
    elements: list[str],
    layout: str,
    entry: ListEntry,
    gap: str,
    with_import: bool,
    with_element: bool,
) -> None:
    use = USES[place].format(list=laid_out(elements, layout))
    source = f"{head}{''.join(lines)}{gap}{use}\n".encode()
    tree = ast.parse(source)
    target = find_list(tree, place).location
    assert target is not None
    missing = entry if with_import else None
    element = f"{'*' * entry.starred}{entry.local}" if with_element else None
    plain = add_as_text(source, tree, target, entry=missing, name=entry.local, element=element)
    if plain is not None:
        libcst = add_with_libcst(source, target, entry=missing, name=entry.local, element=element)
        assert plain.decode() == libcst.decode()


def test_files_written_by_jobgen_are_edited_without_libcst() -> None:
    """Importing LibCST would make every `jobgen job` slow."""
    script = """
import sys
from jobgen.registration import register_application, register_dashboard, register_worker
from tests.registration.test_text_edit import CONTROLLER, MAIN, WORKER
worker, main, controller = WORKER.encode(), MAIN.encode(), CONTROLLER.encode()
for name in [name for name in sys.modules if name.split(".")[0] == "libcst"]:
    del sys.modules[name]
sys.modules.pop("jobgen.registration.libcst_edit")
for edit, *arguments in (
    (register_worker, worker, "Web.Job.New", "New"),
    (register_worker, worker, "Web.Job.Alone", "Alone"),
    (register_application, main, "Admin.Worker", "Admin"),
    (register_application, main, "Yard.Worker", "Yard"),
    (register_dashboard, controller, "Web.Job.New", "New"),
):
    edit(*arguments)
    assert "libcst" not in sys.modules, arguments
"""
    subprocess.run([sys.executable, "-c", script], check=True)


WORKER = """\
from typing import Any

from jobgen_runtime import Job

from Web.Job.First import First

workers: list[type[Job[Any]]] = [First]
"""
MAIN = """\
from typing import Any

from jobgen_runtime import Job

from Web.Worker import workers as web_workers

workers: list[type[Job[Any]]] = [*web_workers]
"""
CONTROLLER = """\
from jobgen_runtime.dashboard import BasicAuth, JobsDashboard

MyJobDashboard = JobsDashboard(auth=BasicAuth("JOBS_USER", "JOBS_PASSWORD"), jobs=[])
"""


def test_list_that_outgrows_a_line_gets_a_line_for_each_element() -> None:
    worker, controller = WORKER.encode(), CONTROLLER.encode()
    for number in range(12):
        worker = register_worker(worker, f"Web.Job.Job{number}", f"Job{number}")
        controller = register_dashboard(controller, f"Web.Job.Job{number}", f"Job{number}")
    assert worker.decode().endswith("    Job11,\n]\n")
    assert controller.decode().endswith("    Job11,\n])\n")
