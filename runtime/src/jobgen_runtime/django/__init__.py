"""jobgen for Django: an application for INSTALLED_APPS. Requires the extra `django`."""

from __future__ import annotations

try:
    import django as _django  # noqa: F401 -- only to say what is missing
except ImportError as error:
    raise ImportError(
        'jobgen_runtime.django needs Django. Install it: pip install "jobgen-runtime[django]"'
    ) from error
