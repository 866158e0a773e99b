"""The parameters of a request, checked before anything uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request

from jobgen.ide.refusal import Refused

MAX_FORM_BYTES = 262_144
MAX_FIELDS = 1_000
FORM = "application/x-www-form-urlencoded"


class Parameters:
    """The parameters of a query or a form, in their order; a name may have several values."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __contains__(self, name: str) -> bool:
        return any(name == key for key, _ in self._pairs)

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter, or `default` if it is missing."""
        return next((value for key, value in self._pairs if key == name), default)


def parse(content: bytes) -> Parameters:
    """Parse urlencoded pairs. Line ends become line feeds.

    Raises:
        Refused: They are too long, not UTF-8, too many, or contain a NUL character.
    """
    if len(content) > MAX_FORM_BYTES:
        raise Refused(413, f"The form is larger than {MAX_FORM_BYTES:,} bytes. Enter less text.")
    try:
        pairs = parse_qsl(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except UnicodeDecodeError:
        raise Refused(400, "The form is not encoded in UTF-8.") from None
    except ValueError:
        raise Refused(400, f"The form has more than {MAX_FIELDS:,} fields.") from None
    if any("\0" in part for pair in pairs for part in pair):
        raise Refused(400, "The form contains a NUL character.")
    return Parameters([(name, value.replace("\r\n", "\n")) for name, value in pairs])


async def read_parameters(request: Request) -> Parameters:
    """Return the form of a POST, or the query of another request.

    Raises:
        Refused: They are invalid.
    """
    if request.method != "POST":
        return parse(request.scope["query_string"])
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Refused(415, f"A form must be sent as {FORM}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            break
    return parse(bytes(body))
