"""The parameters of a request, checked before anything uses them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request

T = TypeVar("T")

MAX_QUERY = 16_384
MAX_BODY = 1_048_576
MAX_FIELDS = 1_000
MAX_DIGITS = 100
"""Characters of the longest number that is read. Longer ones get 400 and cost nothing."""

FORM = "application/x-www-form-urlencoded"
INTEGER = re.compile(r"[+-]?[0-9]+")
UUID_LENGTH = 36


class RequestRefused(Exception):
    """A request that is not carried out: the page has the HTTP `status` and shows `message`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Parameters(Mapping[str, str]):
    """The parameters of a request by name; the form's take precedence over the query's."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def required(self, name: str, convert: Callable[[str], T]) -> T:
        """Return a parameter, converted.

        Raises:
            RequestRefused: It is missing, or `convert` failed (400).
        """
        text = self._values.get(name)
        if text is None:
            raise RequestRefused(400, f"The parameter {name} is missing.")
        try:
            return convert(text)
        except (ValueError, ArithmeticError) as error:
            raise RequestRefused(400, f"The parameter {name} is invalid.") from error

    def clamped(self, name: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number, clamped to `least` and `most`; `default` if it is missing.

        Raises:
            RequestRefused: It is not a whole number (400).
        """
        text = self._values.get(name, "").strip()
        if not text:
            return default
        if len(text) > MAX_DIGITS or not INTEGER.fullmatch(text):
            raise RequestRefused(400, f"The parameter {name} must be a whole number.")
        return min(max(int(text), least), most)


def parse(text: str) -> dict[str, str]:
    """Parse urlencoded pairs; the last of each name counts.

    Raises:
        RequestRefused: They are not UTF-8, too many, or contain a NUL character (400).
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise RequestRefused(400, "The request is not encoded in UTF-8.") from error
    except ValueError as error:
        raise RequestRefused(400, "The request has too many fields.") from error
    if any("\0" in part for pair in pairs for part in pair):
        raise RequestRefused(400, "The request contains a NUL character.")
    return dict(pairs)


async def read_body(request: Request) -> bytes:
    """Read the body.

    Raises:
        RequestRefused: It is larger than MAX_BODY (413).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise RequestRefused(413, f"The form is larger than {MAX_BODY:,} bytes.")
    return bytes(body)


async def read_parameters(request: Request) -> Parameters:
    """Read the query and the form of a request.

    Raises:
        RequestRefused: They are invalid or too long (400, 413, 414 or 415).
    """
    query = request.scope["query_string"]
    if len(query) > MAX_QUERY:
        raise RequestRefused(414, f"The address is longer than {MAX_QUERY:,} bytes.")
    values = parse(query.decode("latin-1"))
    if request.method == "POST":
        body = await read_body(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and kind != FORM:
            raise RequestRefused(415, f"A form must be sent as {FORM}.")
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise RequestRefused(400, "The form is not encoded in UTF-8.") from error
        # Decoding a megabyte of escapes takes half a second, in which the loop serves others.
        values |= await asyncio.to_thread(parse, text) if len(text) > MAX_QUERY else parse(text)
    return Parameters(values)


def uuid(text: str) -> UUID:
    """Parse a UUID in its usual form; `uuid.UUID` would accept others.

    Raises:
        ValueError: It has another form.
    """
    if len(text) != UUID_LENGTH:
        raise ValueError(text)
    return UUID(text)
