"""Format durations for messages and log lines."""

from __future__ import annotations

from datetime import timedelta

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def duration_text(duration: timedelta) -> str:
    """Return a duration for people: "2 s", "0.5 s", "1 min 30 s", "10 min", "1 d 6 h"."""
    seconds = duration.total_seconds()
    if abs(seconds) < 60:
        return f"{seconds:g} s"
    left, parts = round(abs(seconds)), []
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    if left:
        parts.append(f"{left} s")
    return ("-" if seconds < 0 else "") + " ".join(parts)
