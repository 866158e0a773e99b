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
    """Return the words of a name: sync, URLs and now for `syncURLs_now`.

    All characters other than ASCII letters and digits are separators. A digit starts a word only
    after a separator: `URLs2go` is one word.
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
    """Return a name in snake case: `generate_urls` for `GenerateURLs`."""
    return "_".join(word.lower() for word in split_words(text))


def camel_case(words: Sequence[str]) -> str:
    """Return the words in CamelCase, with acronyms where they stay separate words.

    `sync`, `URL`, `DB` become `SyncUrlDb`, because `SyncURLDB` would have the words `sync` and
    `URLDB`.
    """
    kept = _joined(words)
    if snake_case(kept) == "_".join(word.lower() for word in words):
        return kept
    # Words of one letter can still merge: `a`, `b` become `AB`, which is the word `ab`. Its letters
    # can split and merge others, so go on until the name has the words that it is made of.
    name = _joined([word.lower() for word in words])
    while (joined := _joined(split_words(name))) != name:
        name = joined
    return name


def _joined(words: Sequence[str]) -> str:
    return "".join(word[0].upper() + word[1:] for word in words)
