"""Find syntax that is newer than the Python that runs jobgen, with LibCST's own parser."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

Version = tuple[int, int]


def newest_syntax(source: bytes) -> tuple[Version, int] | None:
    """Return the version that the newest syntax in a file came with, and its first line.

    Only syntax that came after Python 3.11 is looked for.

    Returns:
        None if the file has no such syntax, or LibCST cannot parse it.
    """
    try:
        wrapper = MetadataWrapper(cst.parse_module(source))
    except (cst.ParserSyntaxError, UnicodeDecodeError, ValueError):
        return None
    finder = _Finder()
    wrapper.visit(finder)
    if not finder.found:
        return None
    newest = max(finder.found)
    return newest, finder.found[newest]


class _Finder(cst.CSTVisitor):
    """Collects the first line of the syntax of each version."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Version, int] = {}
        self._quotes: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Note the version of a node, and go on with its children."""
        version = _version(node)
        if version is None and self._quotes and _breaks_string(node, self._quotes):
            version = (3, 12)
        if version is not None:
            line: int = self.get_metadata(PositionProvider, node).start.line
            self.found.setdefault(version, line)
        if isinstance(node, cst.FormattedString):
            self._quotes.append(node.end)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Note the end of an f-string."""
        if isinstance(original_node, cst.FormattedString):
            self._quotes.pop()


def _version(node: cst.CSTNode) -> Version | None:
    match node:
        case cst.TemplatedString():
            return (3, 14)
        case (
            cst.ExceptHandler(type=cst.Tuple(lpar=()))
            | cst.ExceptStarHandler(type=cst.Tuple(lpar=()))
        ):
            return (3, 14)
        case cst.TypeParam(default=cst.BaseExpression()):
            return (3, 13)
        case cst.TypeAlias() | cst.TypeParameters():
            return (3, 12)
    return None


def _breaks_string(node: cst.CSTNode, quotes: list[str]) -> bool:
    """Return whether a node in an f-string could not stand there before Python 3.12."""
    match node:
        case cst.SimpleString(value=value):
            return "\\" in value or any(quote in value for quote in quotes)
        case cst.FormattedString(start=start):
            return any(quote in start for quote in quotes)
        case cst.Comment():
            return True
        case cst.ParenthesizedWhitespace():
            return len(quotes[-1]) == 1
    return False
