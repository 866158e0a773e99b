"""The text of a project's files: UTF-8, with or without a byte order mark, with any line ends.

Python files are not read here: Python decodes them itself, by their declared encoding (PEP 263).
"""

from __future__ import annotations

from pathlib import Path, PurePath

from jobgen_runtime.contract.errors import ProjectError


def decode_text(content: bytes, path: PurePath) -> str:
    """Return `content` as text without a byte order mark; line ends stay as they are.

    Args:
        content: The bytes of the file.
        path: The file's name in the error message.

    Raises:
        ProjectError: The bytes are not UTF-8. The message names the line and the byte.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ProjectError(
            f"{path}:{line}: This is not UTF-8 (byte {error.object[error.start]:#04x}).",
            hint="Save the file as UTF-8.",
        ) from None


def read_bytes(path: Path) -> bytes | None:
    """Return the contents of a file; None where there is no such file.

    Raises:
        ProjectError: The file exists and cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}.") from None


def read_text(path: Path) -> str | None:
    """Return the text of a file without a byte order mark; None where there is no such file.

    Raises:
        ProjectError: The file exists and cannot be read, or is not UTF-8.
    """
    content = read_bytes(path)
    return None if content is None else decode_text(content, path)
