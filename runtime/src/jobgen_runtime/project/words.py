"""The words of a name, and their two spellings: snake_case and CamelCase."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(
    r"""
    [A-Z][A-Z0-9]+s[0-9]*(?![a-z])  # an acronym's plural: URLs
    | [A-Z]?[0-9]*[a-z][a-z0-9]*    # Customers, base64, S3copy
    | [A-Z]+(?![a-z])[0-9]*         # an acronym: URL, HTTP2
    | [0-9]+[a-z0-9]*               # 2fa, of first_2fa
    """,
    re.VERBOSE,
)


def split_words(text: str) -> list[str]:
    """The words of `text` as they are spelled: `syncURLs_now` is sync, URLs, now.

    Underscores, and all else that is neither a letter nor a digit of ASCII, only separate.
    A digit starts a word only after one of those: `URLs2go` is one word.
    """
    words: list[str] = []
    end = -1
    for match in _WORD.finditer(text):
        if match.start() == end and match[0][0].isdigit():
            words[-1] += match[0]
        else:
            words.append(match[0])
        end = match.end()
    return words


def snake_case(text: str) -> str:
    """`GenerateURLs` is `generate_urls`; what is snake case already stays as it is."""
    return "_".join(word.lower() for word in split_words(text))


def camel_case(words: Sequence[str]) -> str:
    """The words joined in CamelCase, acronyms kept where the words stay apart.

    `sync`, `URL`, `DB` is `SyncUrlDb`, because `SyncURLDB` would read as `sync`, `URLDB`.
    """
    kept = _joined(words)
    if snake_case(kept) == "_".join(word.lower() for word in words):
        return kept
    # Words of one letter may flow together all the same: `a`, `b` is `AB`, and so `ab`.
    return _joined(split_words(_joined([word.lower() for word in words])))


def _joined(words: Sequence[str]) -> str:
    return "".join(word[0].upper() + word[1:] for word in words)
