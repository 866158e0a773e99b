"""Modules that `import jobgen_runtime` loads."""

from __future__ import annotations

import subprocess
import sys


def test_import_of_the_package_loads_no_driver() -> None:
    code = (
        "import sys, jobgen_runtime\n"
        "from jobgen_runtime import Job\n"
        "loaded = {'psycopg', 'psycopg_pool', 'starlette', 'asyncio'} & sys.modules.keys()\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
