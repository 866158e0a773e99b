"""Copier can render templates/project without jobgen."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import copier
import pytest

from jobgen.plan.application import Application, layout_paths
from jobgen.project import Project
from jobgen.registration import register_application, unregister_application
from jobgen.render import bundled_templates
from jobgen.render.project import render_project
from tests.new.projects import tree


@pytest.mark.parametrize("source", [".", "src"])
@pytest.mark.parametrize("existing", [False, True])
def test_defaults_of_the_template_give_both_layouts(
    tmp_path: Path, layout: str, source: str, existing: bool
) -> None:
    folder = PurePosixPath(source)
    application = "Web" if layout == "guide" else "my_shop"
    project = Project(tmp_path, folder, application, layout_paths(layout, folder))
    shop = Application(project, "my-shop", layout, "jobgen-runtime[x]", "jobgen", existing)
    rendered = {str(path): content for path, content in render_project(shop.answers).items()}
    if layout == "pep8" and source == "src":
        # The template's own default patterns are not below a source folder.
        del rendered["pyproject.toml"]

    data = {"project_name": "my-shop", "layout": layout, "source": source, "existing": existing}
    data["runtime"] = "jobgen-runtime[x]"
    copier.run_copy(
        str(bundled_templates() / "project"), tmp_path, data=data, defaults=True, quiet=True
    )
    copied = tree(tmp_path)
    if layout == "pep8" and source == "src":
        del copied["pyproject.toml"]
    assert copied == rendered


def test_lists_of_the_template_are_those_that_registration_writes(tmp_path: Path) -> None:
    project = Project(
        tmp_path, PurePosixPath("."), "Web", layout_paths("guide", PurePosixPath("."))
    )
    files = render_project(Application(project, "shop", "guide", "r", "g").answers)
    worker, main = files[PurePosixPath("Web/Worker.py")], files[PurePosixPath("WorkerMain.py")]
    assert register_application(worker, "Web.Worker", "Web") == main
    assert unregister_application(main, "Web.Worker", "Web") == worker
