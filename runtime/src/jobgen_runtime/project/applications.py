"""Which application a module belongs to."""

from __future__ import annotations

import re
from pathlib import Path

from jobgen_runtime.project.root import module_name, paths, settings


def application_of(module: str, root: Path) -> str | None:
    """The application that the path of a job's module names; None where it names none."""
    pattern = module_name(root, paths(root).get("job", "{App}/Job/{Name}.py"))
    if "{app}" not in pattern.lower():
        application = (settings(root) or {}).get("application")
        return application if isinstance(application, str) else None
    expression = re.escape(pattern)
    for placeholder, group in (("App", r"(?P<app>\w+)"), ("Name", r"\w+")):
        for spelling in (placeholder, placeholder.lower()):
            expression = expression.replace(re.escape(f"{{{spelling}}}"), group, 1)
    match = re.fullmatch(expression, module)
    return match["app"] if match else None
