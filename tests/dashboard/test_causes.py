"""Failures with one exception at one place of the application's code have one cause."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.dashboard.errors.cause import FINGERPRINT, find_cause

LIBRARY = (
    '  File "/srv/.venv/lib/python3.12/site-packages/httpx/api.py", line 8, in get\n    send()\n'
)
TIMEOUT = "It ran longer than its timeout of {}.\n\n{}"


def traceback(
    *,
    line: int = 31,
    source: str = "charge(job)",
    error: str = "app.CardError: no",
    after: str = "",
) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/srv/releases/7/shop/Web/Job/Send.py", line {line}, in perform\n'
        f"    {source}\n{after}{error}"
    )


SAME = [
    traceback(line=99),
    traceback(error='app.CardError: another "message"\nof two lines'),
    traceback(after=LIBRARY),
    traceback().replace("/srv/releases/7", "/srv/releases/8"),
    traceback(error="app.CardError"),
    "KeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n"
    + traceback(),
    traceback(source="other()", error="KeyError: 1")
    + "\n\nThe above exception was the direct cause of the following exception:\n\n"
    + traceback(),
]
OTHERS = [
    traceback(error="app.OtherError: no"),
    traceback(source="charge(job, again=True)"),
    traceback().replace("perform", "check"),
    traceback().replace("Send.py", "Other.py"),
    TIMEOUT.format("0:00:02", traceback()),
    "",
]


@pytest.mark.parametrize("error", SAME)
def test_cause_is_the_same_wherever_the_line_and_whatever_the_message(error: str) -> None:
    assert find_cause(error).fingerprint == find_cause(traceback()).fingerprint
    assert find_cause(error).place == "Web/Job/Send.py in perform"


def test_causes_of_other_exceptions_and_places_differ() -> None:
    prints = {find_cause(error).fingerprint for error in [traceback(), *OTHERS]}
    assert len(prints) == len(OTHERS) + 1


def test_place_of_a_failure_in_libraries_alone_is_their_last_frame() -> None:
    error = f"Traceback (most recent call last):\n{LIBRARY}ValueError: no"
    assert find_cause(error).place == "site-packages/httpx/api.py in get"


def test_error_without_a_place_is_known_by_its_message_without_what_varies() -> None:
    for one, other in (
        (TIMEOUT.format("0:00:02", traceback()), TIMEOUT.format("1:20:00", "")),
        ("OSError: host 'a' 17", "OSError: host 'bc' 4"),
        ("Row 0190aaaa-0000-7000-8000-00000000000a", "Row 01bb90aa-0000-7000-8000-00000000000b"),
    ):
        assert find_cause(one) == find_cause(other)
    assert find_cause("OSError: no route") != find_cause("OSError: no host")
    secret = find_cause("no answer from redis://u:hunter2@cache")
    assert secret == find_cause("no answer from redis://u:hunter3@cache")
    assert "hunter" not in repr(secret)


PIECES = [
    " ",
    "\n",
    "|",
    "'",
    "Traceback (most recent call last):\n",
    '  File "',
    '", line 1, in f',
]


@given(st.lists(st.sampled_from([*PIECES, "a", "ValueError: x"]) | st.text(max_size=3)))
def test_any_error_has_a_cause(pieces: list[str]) -> None:
    assert FINGERPRINT.fullmatch(find_cause("".join(pieces)).fingerprint)


@pytest.mark.parametrize("piece", [*PIECES, "0", '"', " |" * 50, 'File "x", line 1\n'])
def test_cause_is_found_in_linear_time(piece: str) -> None:
    for error in (piece, f"Traceback (most recent call last):\nE: {piece}"):
        began = time.process_time()
        find_cause(error + piece * (64_000 // len(piece)))
        assert time.process_time() - began < 0.5
