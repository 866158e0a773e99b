"""Add and remove elements of a bracketed list, keeping its layout.

LibCST stores the whitespace and the comments before an element in the opening bracket, or in the
comma of the element before. Those after a trailing comma belong to the closing bracket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import libcst as cst

Item = TypeVar("Item", bound=cst.BaseElement | cst.ImportAlias)
Whitespace = cst.BaseParenthesizableWhitespace

_SPACE = cst.SimpleWhitespace(" ")
_NOTHING = cst.SimpleWhitespace("")


@dataclass(frozen=True)
class Bracketed(Generic[Item]):
    """The inside of a pair of brackets.

    Attributes:
        opening: The whitespace after the opening bracket.
        items: The elements with their commas.
        closing: The whitespace before the closing bracket.
    """

    opening: Whitespace
    items: tuple[Item, ...]
    closing: Whitespace


def append(inside: Bracketed[Item], item: Item, indent: str) -> Bracketed[Item]:
    """Append `item`; `indent` is one level of the file's indentation."""
    if not inside.items:
        return _first(inside, item, indent)
    last = inside.items[-1]
    separator, closing = _room_for_last(inside, indent)
    trailing = isinstance(last.comma, cst.Comma)
    before = last.comma if isinstance(last.comma, cst.Comma) else cst.Comma()
    items = (
        *inside.items[:-1],
        _with_comma(last, before.with_changes(whitespace_after=separator)),
        _with_comma(item, cst.Comma() if trailing else None),
    )
    return Bracketed(inside.opening, items, closing)


def insert(inside: Bracketed[Item], index: int, item: Item, indent: str) -> Bracketed[Item]:
    """Insert `item` before the element at `index`, or append it."""
    if index == len(inside.items):
        return append(inside, item, indent)
    comma = cst.Comma(whitespace_after=_separator(inside))
    items = (*inside.items[:index], _with_comma(item, comma), *inside.items[index:])
    return replace(inside, items=items)


def remove(inside: Bracketed[Item], index: int) -> Bracketed[Item]:
    """Remove the element at `index`, and the comment on its line if it is alone there.

    Comments on other lines stay.
    """
    items = inside.items
    before = inside.opening if index == 0 else _after(items[index - 1])
    if index < len(items) - 1:
        gap = _join(before, _after(items[index]), keep_indent_of_second=False)
        rest = items[index + 1 :]
        if index == 0:
            return Bracketed(gap, rest, inside.closing)
        previous = _with_comma(items[index - 1], _comma_with(items[index - 1], gap))
        return Bracketed(inside.opening, (*items[: index - 1], previous, *rest), inside.closing)
    closing = _join(before, inside.closing, keep_indent_of_second=True)
    if index == 0:
        return Bracketed(closing, (), _NOTHING)
    trailing = isinstance(items[index].comma, cst.Comma)
    previous = items[index - 1]
    comma = _comma_with(previous, _NOTHING) if trailing else None
    return Bracketed(inside.opening, (*items[: index - 1], _with_comma(previous, comma)), closing)


def explode(inside: Bracketed[Item], margin: str, indent: str) -> Bracketed[Item]:
    """Split a one-line list into a line for each element; `margin` indents its first line."""
    line = _line_break(margin + indent)
    items = [_with_comma(item, cst.Comma(whitespace_after=line)) for item in inside.items[:-1]]
    items.append(_with_comma(inside.items[-1], cst.Comma()))
    return Bracketed(line, tuple(items), _line_break(margin))


def collapse(inside: Bracketed[Item]) -> Bracketed[Item] | None:
    """Join a list on one line; None if it is not one element a line without comments."""
    gaps = [inside.opening, *(_after(item) for item in inside.items[:-1]), inside.closing]
    plain = all(
        isinstance(gap, cst.ParenthesizedWhitespace)
        and not gap.empty_lines
        and not gap.first_line.comment
        for gap in gaps
    )
    if not plain or not inside.items or not isinstance(inside.items[-1].comma, cst.Comma):
        return None
    items = [_with_comma(item, cst.Comma(whitespace_after=_SPACE)) for item in inside.items[:-1]]
    return Bracketed(_NOTHING, (*items, _with_comma(inside.items[-1], None)), _NOTHING)


def is_one_line(inside: Bracketed[Item]) -> bool:
    """Return whether the list is on one line."""
    gaps = [inside.opening, *(_after(item) for item in inside.items), inside.closing]
    return not any(isinstance(gap, cst.ParenthesizedWhitespace) for gap in gaps)


def _first(inside: Bracketed[Item], item: Item, indent: str) -> Bracketed[Item]:
    opening = inside.opening
    if not isinstance(opening, cst.ParenthesizedWhitespace):
        return Bracketed(opening, (_with_comma(item, None),), opening)
    comments = [line for line in opening.empty_lines if line.comment]
    step = comments[-1].whitespace.value if comments else opening.last_line.value + indent
    within = opening.with_changes(last_line=cst.SimpleWhitespace(step))
    closing = cst.ParenthesizedWhitespace(indent=opening.indent, last_line=opening.last_line)
    return Bracketed(within, (_with_comma(item, cst.Comma()),), closing)


def _room_for_last(inside: Bracketed[Item], indent: str) -> tuple[Whitespace, Whitespace]:
    """Return the whitespace before a new last element, and that after it."""
    closing = inside.closing
    like = _separator(inside)
    if not isinstance(closing, cst.ParenthesizedWhitespace):
        return like, closing
    if isinstance(like, cst.ParenthesizedWhitespace):
        block, column = like.indent, like.last_line
    elif closing.first_line.comment or closing.empty_lines:
        # The comment belongs to the elements before it, so the new element gets a new line.
        first = inside.opening
        block, column = closing.indent, cst.SimpleWhitespace(closing.last_line.value + indent)
        if isinstance(first, cst.ParenthesizedWhitespace):
            block, column = first.indent, first.last_line
    else:
        return like, closing
    separator = closing.with_changes(indent=block, last_line=column)
    return separator, closing.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=())


def _separator(inside: Bracketed[Item]) -> Whitespace:
    """Return the whitespace that the list has between two elements, without comments."""
    like = _after(inside.items[-2]) if len(inside.items) > 1 else inside.opening
    if isinstance(like, cst.ParenthesizedWhitespace):
        return like.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=())
    return _SPACE


def _join(before: Whitespace, after: Whitespace, *, keep_indent_of_second: bool) -> Whitespace:
    """Join the whitespace before and after a removed element."""
    broken = cst.ParenthesizedWhitespace
    if isinstance(before, broken) and isinstance(after, broken):
        end = after if keep_indent_of_second else before
        return before.with_changes(
            empty_lines=(*before.empty_lines, *after.empty_lines),
            indent=end.indent,
            last_line=end.last_line,
        )
    if isinstance(after, broken):
        return after
    if isinstance(before, broken):
        commented = before.first_line.comment or before.empty_lines
        return after if keep_indent_of_second and not commented else before
    return after if keep_indent_of_second else before


def _after(item: Item) -> Whitespace:
    return item.comma.whitespace_after if isinstance(item.comma, cst.Comma) else _NOTHING


def _comma_with(item: Item, after: Whitespace) -> cst.Comma:
    comma = item.comma if isinstance(item.comma, cst.Comma) else cst.Comma()
    return comma.with_changes(whitespace_after=after)


def _with_comma(item: Item, comma: cst.Comma | None) -> Item:
    return cst.ensure_type(item.with_changes(comma=comma or cst.MaybeSentinel.DEFAULT), type(item))


def _line_break(column: str) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=False, last_line=cst.SimpleWhitespace(column))


def bracketed(node: cst.List) -> Bracketed[cst.BaseElement]:
    """Return the inside of a list."""
    items: Sequence[cst.BaseElement] = node.elements
    return Bracketed(node.lbracket.whitespace_after, tuple(items), node.rbracket.whitespace_before)


def as_list(node: cst.List, inside: Bracketed[cst.BaseElement]) -> cst.List:
    """Return `node` with another inside."""
    return node.with_changes(
        elements=inside.items,
        lbracket=node.lbracket.with_changes(whitespace_after=inside.opening),
        rbracket=node.rbracket.with_changes(whitespace_before=inside.closing),
    )
