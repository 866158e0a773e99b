"""docs/django.md shows the code of the example, which other tests run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.snippets import FENCE

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/django_polls"
# The code of Django's Tasks belongs to another application.
DOCUMENT = (ROOT / "docs/django.md").read_text().partition("## Django's Tasks")[0]
BLOCKS = [
    text.split("\n", 1)
    for language, _, text in FENCE.findall(DOCUMENT)
    if language == "python" and (EXAMPLE / text.split("\n")[0].removeprefix("# ")).is_file()
]


def test_document_shows_files_of_the_example() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize(("comment", "code"), BLOCKS, ids=[comment for comment, _ in BLOCKS])
def test_code_of_the_document_is_in_the_example(comment: str, code: str) -> None:
    text = (EXAMPLE / comment.removeprefix("# ")).read_text()
    for part in code.strip("\n").split("\n\n"):
        assert part.strip("\n") in text
