"""Convert arguments and return values to what a JSONB column stores."""

from __future__ import annotations

import json
from typing import Any

from jobgen_runtime.django.tasks.library import normalize_json

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one value as JSON. Workers and the dashboard read whole rows."""


def stored_json(value: object, what: str) -> Any:
    """Return the value as PostgreSQL returns it once it has been stored.

    Args:
        value: What Django's Tasks accept as JSON.
        what: The name of the value, for error messages.

    Raises:
        TypeError: It contains an object that JSON does not have.
        ValueError: It is too large, or contains a number or a character that JSONB does not have.
    """
    try:
        normalized = normalize_json(value)
        text = json.dumps(normalized, allow_nan=False)
    except RecursionError:
        raise ValueError(f"{what} cannot be stored as JSON: nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"{what} cannot be stored as JSON: {error}.") from None
    if len(text) > MAX_BYTES:
        raise ValueError(
            f"{what}: {len(text):,} bytes as JSON, of {MAX_BYTES:,} at most. Store the data "
            "elsewhere, and pass its key."
        )
    if "\\u0000" in text and _has_nul(normalized):
        raise ValueError(f"{what} cannot be stored as JSON: PostgreSQL has no NUL characters.")
    if "\\ud" in text:
        # A lone surrogate is no character: JSONB refuses it, and UTF-8 cannot express it.
        try:
            json.dumps(normalized, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{what} cannot be stored as JSON: {error}.") from None
    return json.loads(text)


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
