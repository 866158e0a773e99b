"""Fixtures: a small project, and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ide.site import Site, served_site
from tests.support.tree import SHOP, write_tree


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project below a path with a space."""
    return write_tree(tmp_path / "my shop", SHOP)


@pytest.fixture
def site(shop: Path) -> Iterator[Site]:
    """The project's pages."""
    with served_site(shop) as site:
        yield site
