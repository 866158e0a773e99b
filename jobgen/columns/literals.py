"""Checks literals of PostgreSQL's scalar types, as strictly as is needed to know the answer.

Every supported server accepts what is accepted here. PostgreSQL has more spellings of many values:
those are refused, with one that is accepted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_interface, ip_network

from jobgen.columns import moments
from jobgen.columns.literal import Check, InvalidLiteral

_MAX_EXPONENT = 1000
_INFINITIES = frozenset({"infinity", "-infinity"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,6})?", re.ASCII)
_N = r"[+-]?\d{1,15}(?:\.\d{1,15})?"
_BOOLEANS = dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True) | dict.fromkeys(
    ("false", "f", "no", "n", "off", "0"), False
)


def is_true(text: str) -> bool:
    """Return the boolean that a text stands for.

    Raises:
        InvalidLiteral: It stands for none.
    """
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise InvalidLiteral("a boolean", "Write true or false.")
    return value


def _integer(low: int, high: int) -> Check:
    def check(text: str, _modifiers: tuple[int, ...]) -> int:
        if not re.fullmatch(r"[+-]?\d{1,40}", text.strip(), re.ASCII):
            raise InvalidLiteral("a whole number")
        if not low <= int(text) <= high:
            raise InvalidLiteral(f"a whole number from {low} to {high}")
        return int(text)

    return check


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text.strip()) or len(text) > _MAX_EXPONENT:
        raise InvalidLiteral("a number")
    value = Decimal(text.strip())
    if value and abs(value.adjusted()) > _MAX_EXPONENT:
        raise InvalidLiteral(f"a number of at most {_MAX_EXPONENT} digits")
    return value


def _numeric(text: str, modifiers: tuple[int, ...]) -> Decimal:
    if (word := text.strip().lower()) == "nan" or (word in _INFINITIES and not modifiers):
        return Decimal(word)
    value = _decimal(text)
    if modifiers:
        precision, scale = (*modifiers, 0)[:2]
        whole = precision - scale
        # PostgreSQL rounds half away from zero before it counts the digits.
        if Fraction(abs(value)) >= 10**whole - Fraction(1, 2 * 10**scale):
            raise InvalidLiteral(f"a number with at most {whole} digits before the decimal point")
    return value


def _floating(size: str, largest: float, smallest: float) -> Check:
    def check(text: str, _modifiers: tuple[int, ...]) -> float:
        if text.strip().lower() in _INFINITIES | {"nan"}:
            return float(text)
        value = float(_decimal(text))
        if abs(value) > largest or (_decimal(text) and abs(value) < smallest):
            raise InvalidLiteral(f"a number that fits {size}")
        return value

    return check


def _money(text: str, _modifiers: tuple[int, ...]) -> Decimal:
    value = _decimal(text)
    if abs(value) > 10**15:
        raise InvalidLiteral("an amount of money")
    return value


def _limited(unit: str, measure: Callable[[str], int], limit: int | None = None) -> Check:
    def check(text: str, modifiers: tuple[int, ...]) -> str:
        most = modifiers[0] if modifiers else limit
        if most is not None and measure(text) > most:
            raise InvalidLiteral(f"a text of at most {most} {unit}{'s' if most != 1 else ''}")
        return text

    return check


def _char(text: str, _modifiers: tuple[int, ...]) -> None:
    if not re.fullmatch(r"[ -\[\]-~]?", text):
        raise InvalidLiteral("one ASCII character")


def _bytea(text: str, _modifiers: tuple[int, ...]) -> None:
    hexadecimal = r"\\x([0-9a-fA-F]{2})*"
    escaped = r"(?!\\x)([^\\]|\\\\|\\[0-3][0-7][0-7])*"
    if not re.fullmatch(f"{hexadecimal}|{escaped}", text, re.DOTALL):
        raise InvalidLiteral("a text of bytes", r"Write bytes in hexadecimal, such as \x00ff.")


def _uuid(text: str, _modifiers: tuple[int, ...]) -> None:
    digits = r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}"
    if not re.fullmatch(digits, text.strip().lower()):
        raise InvalidLiteral("a UUID", "Write a whole one, or gen_random_uuid() or uuidv7().")


def _json(text: str, _modifiers: tuple[int, ...]) -> None:
    def refuse(_constant: str) -> None:
        raise ValueError

    try:
        json.loads(text, parse_constant=refuse, parse_int=_decimal, parse_float=_decimal)
    except (ValueError, RecursionError, InvalidLiteral):
        valid = False
    else:
        valid = not re.search(r"\\u(0000|d[89a-f])", text, re.IGNORECASE)
    if not valid:
        raise InvalidLiteral("a JSON document", 'Write for example {}, [], {"a": 1} or "text".')


def _bits(*, is_exact: bool) -> Check:
    def check(text: str, modifiers: tuple[int, ...]) -> None:
        count = modifiers[0] if modifiers else None
        if not re.fullmatch(r"[01]*", text, re.ASCII):
            raise InvalidLiteral("a sequence of bits", "Write it in zeros and ones.")
        if count is not None and (len(text) != count if is_exact else len(text) > count):
            raise InvalidLiteral(f"a sequence of {'' if is_exact else 'at most '}{count} bits")

    return check


def _inet(text: str, _modifiers: tuple[int, ...]) -> None:
    if not re.fullmatch(r"[0-9a-f:.]+(/\d{1,3})?", text.lower(), re.ASCII):
        raise InvalidLiteral("an address", "Write it as 192.168.0.1 or 10.0.0.0/8.")
    try:
        ip_interface(text)
    except ValueError:
        raise InvalidLiteral("an address", "Write it as 192.168.0.1 or 10.0.0.0/8.") from None


def _cidr(text: str, _modifiers: tuple[int, ...]) -> None:
    _inet(text, ())
    try:
        ip_network(text)
    except ValueError:
        hint = "Write it as 10.0.0.0/8, without bits to the right of the mask."
        raise InvalidLiteral("a network", hint) from None


def _vector(text: str, modifiers: tuple[int, ...]) -> None:
    numbers = re.fullmatch(rf"\[({_N}(?:, ?{_N})*)\]", text.strip(), re.ASCII)
    if numbers is None:
        raise InvalidLiteral("a vector", "Write it as [1,2,3].")
    if modifiers and numbers[1].count(",") + 1 != modifiers[0]:
        raise InvalidLiteral(f"a vector of {modifiers[0]} dimensions")


def _matching(pattern: str, expected: str, example: str) -> Check:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def check(text: str, _modifiers: tuple[int, ...]) -> None:
        if not compiled.fullmatch(text.strip()):
            raise InvalidLiteral(expected, f"Write it as {example}.")

    return check


_PAIR = rf"\( ?{_N} ?, ?{_N} ?\)"
_PAIRS = rf"{_PAIR}(?: ?, ?{_PAIR})*"
_WORD = r"[a-z0-9_]+"
_HEX = "[0-9a-f]{2}"

CHECKS: Mapping[str, Check] = {
    "bit": _bits(is_exact=True),
    "bool": lambda text, _: is_true(text),
    "box": _matching(rf"{_PAIR} ?, ?{_PAIR}", "a box", "(0,0),(1,1)"),
    "bpchar": _limited("character", lambda text: len(text.rstrip(" "))),
    "bytea": _bytea,
    "char": _char,
    "cidr": _cidr,
    "circle": _matching(rf"<{_PAIR} ?, ?\+?\d{{1,15}}(\.\d{{1,15}})?>", "a circle", "<(0,0),1>"),
    "date": moments.check_date,
    "float4": _floating("4 bytes", 3.4e38, 1.2e-38),
    "float8": _floating("8 bytes", 1.79e308, 2.3e-308),
    "inet": _inet,
    "int2": _integer(-(2**15), 2**15 - 1),
    "int4": _integer(-(2**31), 2**31 - 1),
    "int8": _integer(-(2**63), 2**63 - 1),
    "interval": moments.check_interval,
    "json": _json,
    "jsonb": _json,
    "jsonpath": _matching(r"\$(\.[a-z_]\w*|\[(\d{1,6}|\*)\])*", "a simple path", "$.items[0].name"),
    "line": _matching(rf"\{{(?!0,0,){_N},{_N},{_N}\}}", "a line", "{1,-1,0}"),
    "lseg": _matching(rf"\[{_PAIR} ?, ?{_PAIR}\]", "a line segment", "[(0,0),(1,1)]"),
    "macaddr": _matching(rf"{_HEX}(:{_HEX}){{5}}", "a MAC address", "08:00:2b:01:02:03"),
    "macaddr8": _matching(rf"{_HEX}(:{_HEX}){{7}}", "a MAC address", "08:00:2b:01:02:03:04:05"),
    "money": _money,
    "name": _limited("byte", lambda text: len(text.encode()), limit=63),
    "numeric": _numeric,
    "oid": _integer(0, 2**32 - 1),
    "path": _matching(rf"\[{_PAIRS}\]|\({_PAIRS}\)", "a path", "[(0,0),(1,1)]"),
    "pg_lsn": _matching(r"[0-9a-f]{1,8}/[0-9a-f]{1,8}", "a log position", "16/B374D848"),
    "point": _matching(rf"{_PAIR}|{_N},{_N}", "a point", "(0,1)"),
    "polygon": _matching(rf"\({_PAIRS}\)", "a polygon", "((0,0),(1,0),(1,1))"),
    "refcursor": _limited("character", len),
    "text": _limited("character", len),
    "time": moments.check_time,
    "timestamp": moments.check_timestamp,
    "timestamptz": moments.check_timestamptz,
    "timetz": moments.check_timetz,
    "tsquery": _matching(rf"{_WORD}( [&|] {_WORD})*", "a simple query", "fat & rat"),
    "tsvector": _matching(rf"({_WORD}( {_WORD})*)?", "a list of words", "fat cat"),
    "uuid": _uuid,
    "varbit": _bits(is_exact=False),
    "varchar": _limited("character", lambda text: len(text.rstrip(" "))),
    "xid": _integer(0, 2**32 - 1),
    "xid8": _integer(0, 2**64 - 1),
}
"""The check of each type, by PostgreSQL's name. No other type's literals are known here."""

EXTENSION_CHECKS: Mapping[str, Check] = {
    "hstore": _matching(rf"({_WORD}=>{_WORD}(, ?{_WORD}=>{_WORD})*)?", "pairs", "a=>1, b=>2"),
    "ltree": _matching(rf"({_WORD}(\.{_WORD})*)?", "a path of labels", "Top.Science"),
    "vector": _vector,
}
"""The check of some types of extensions. Literals of the others are not checked."""
