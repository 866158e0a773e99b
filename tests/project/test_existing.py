"""What `jobgen init` finds out about a project that exists already."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobgen.project.existing import read_existing
from tests.support.tree import write_tree

MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
DJANGO = {
    "as startproject writes it": ({"manage.py": MANAGE.format("shop.settings")}, "shop.settings"),
    "one settings module of several": (
        {"manage.py": MANAGE.format("config.settings.local"), "config/settings/local.py": ""},
        "config.settings.local",
    ),
    "below src": ({"src/manage.py": MANAGE.format("shop.settings")}, "shop.settings"),
    "only in wsgi.py": (
        {"manage.py": "", "shop/wsgi.py": MANAGE.format("shop.prod")},
        "shop.prod",
    ),
    "by its file": ({"manage.py": "", "shop/settings.py": ""}, "shop.settings"),
    "by its package": ({"manage.py": "", "shop/settings/__init__.py": ""}, "shop.settings"),
    "not to be told": ({"manage.py": "", "a/settings.py": "", "b/settings.py": ""}, ""),
    "no Django": ({"app/settings.py": "", "requirements.txt": "flask\n"}, ""),
}


@pytest.mark.parametrize(("files", "settings"), DJANGO.values(), ids=DJANGO.keys())
def test_settings_of_django_are_found(tmp_path: Path, files: dict[str, str], settings: str) -> None:
    assert read_existing(write_tree(tmp_path, files)).settings == settings


FASTAPI = "from fastapi import FastAPI\n"
WEB = {
    "an alias": ({"a.py": "import fastapi as f\n\napi = f.FastAPI()\n"}, "FastAPI", "a.py", "api"),
    "another FastAPI class": ({"a.py": "class FastAPI: ...\n\napp = FastAPI()\n"}, None, "", ""),
    "only in tests": (
        {"tests/test_a.py": FASTAPI + "app = FastAPI()\n", "z/b/c.py": FASTAPI + "x = FastAPI()\n"},
        *("FastAPI", "z/b/c.py", "x"),
    ),
    "Litestar": (
        {"a.py": "from litestar import Litestar\n\napp = Litestar([])\n"},
        *("Litestar", "a.py", "app"),
    ),
    "Falcon on ASGI": (
        {"a.py": "import falcon.asgi\n\napp = falcon.asgi.App()\n"},
        *("ASGI", "a.py", "app"),
    ),
    "Falcon on WSGI": ({"a.py": "import falcon\n\napp = falcon.App()\n"}, None, "", ""),
    "a middleware": (
        {
            "a.py": "class M:\n    def __init__(self, app): ...\n"
            "    async def __call__(self, scope, receive, send): ...\n"
        },
        *(None, "", ""),
    ),
    "a file in newer syntax": (
        {"a.py": FASTAPI + "x = = 1\napp: FastAPI = FastAPI()\n"},
        *("FastAPI", "a.py", "app"),
    ),
    "a dependency alone": ({"requirements.txt": "starlette==1.0\n"}, "Starlette", None, "app"),
    "none": ({"a.py": "x = 1\n"}, None, "", ""),
}


@pytest.mark.parametrize(("files", "framework", "path", "variable"), WEB.values(), ids=WEB.keys())
def test_web_application_is_found(
    tmp_path: Path, files: dict[str, str], framework: str | None, path: str | None, variable: str
) -> None:
    web = read_existing(write_tree(tmp_path, files)).web
    if framework is None:
        assert web is None
        return
    assert web is not None
    found = (web.framework, None if web.path is None else str(web.path), web.variable)
    assert found == (framework, path, variable)
