"""Registering and unregistering keep the layout of the list."""

from __future__ import annotations

import pytest

from jobgen.registration import register_worker, unregister_worker

HEAD = "from Web.Job.New import New\n\n"
LAYOUTS = {
    "empty": ("[]", "[New]"),
    "empty, padded": ("[ ]", "[ New ]"),
    "empty over two lines": ("[\n]", "[\n    New,\n]"),
    "only a comment": ("[\n  # jobs\n]", "[\n  # jobs\n  New,\n]"),
    "comment after the bracket": ("[  # jobs\n]", "[  # jobs\n    New,\n]"),
    "one line": ("[A]", "[A, New]"),
    "one line, more": ("[A, B]", "[A, B, New]"),
    "comma at the end": ("[A, B,]", "[A, B, New,]"),
    "comment behind": ("[A]  # c", "[A, New]  # c"),
    "padded": ("[ A, B ]", "[ A, B, New ]"),
    "one per line": ("[\n    A,\n    B,\n]", "[\n    A,\n    B,\n    New,\n]"),
    "no comma at the end": ("[\n    A,\n    B\n]", "[\n    A,\n    B,\n    New\n]"),
    "the comment stays B's": (
        "[\n    A,  # a\n    B,  # b\n]",
        "[\n    A,  # a\n    B,  # b\n    New,\n]",
    ),
    "the comment stays B's, without a comma": (
        "[\n    A,\n    B  # b\n]",
        "[\n    A,\n    B,  # b\n    New\n]",
    ),
    "commented out at the end": (
        "[\n    A,\n    # B,\n]",
        "[\n    A,\n    # B,\n    New,\n]",
    ),
    "blank lines between": (
        "[\n    # first\n    A,\n\n    # second\n    B,\n]",
        "[\n    # first\n    A,\n\n    # second\n    B,\n    New,\n]",
    ),
    "hanging": ("[A,\n           B]", "[A,\n           B,\n           New]"),
    "several on a line": (
        "[\n    A, B,\n    C, D,\n]",
        "[\n    A, B,\n    C, D, New,\n]",
    ),
    "several on a line, with a comment": (
        "[\n    A, B,  # both\n]",
        "[\n    A, B,  # both\n    New,\n]",
    ),
    "tabs": ("[\n\tA,\n\tB,\n]", "[\n\tA,\n\tB,\n\tNew,\n]"),
    "two spaces": ("[\n  A,\n]", "[\n  A,\n  New,\n]"),
    "closing bracket indented": ("[\n    A,\n    ]", "[\n    A,\n    New,\n    ]"),
    "unpacked": ("[*A, *B]", "[*A, *B, New]"),
    "in parentheses": ("([A])", "([A, New])"),
}


@pytest.mark.parametrize(("before", "after"), LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
def test_registering_keeps_the_layout_and_unregistering_restores_it(
    before: str, after: str, newline: str, bom: bytes
) -> None:
    source = bom + f"workers = {before}\n".replace("\n", newline).encode()
    expected = bom + f"{HEAD}workers = {after}\n".replace("\n", newline).encode()
    registered = register_worker(source, "Web.Job.New", "New")
    assert registered.decode() == expected.decode()
    assert register_worker(registered, "Web.Job.New", "New") is registered
    assert unregister_worker(registered, "Web.Job.New", "New") == source


def test_list_too_long_for_a_line_is_split_and_joined_again() -> None:
    names = [f"Job{number}{'x' * 10}" for number in range(5)]
    source = f"workers = [{', '.join(names)}]\n".encode()
    registered = register_worker(source, "Web.Job.Another", "AnotherOneOfThem")
    body = "".join(f"    {name},\n" for name in [*names, "AnotherOneOfThem"])
    assert registered.decode().endswith(f"workers = [\n{body}]\n")
    assert unregister_worker(registered, "Web.Job.Another", "AnotherOneOfThem") == source


def test_list_on_a_line_that_is_already_too_long_stays_on_one_line() -> None:
    names = [f"Job{number}{'x' * 10}" for number in range(8)]
    source = f"workers = [{', '.join(names)}]\n".encode()
    registered = register_worker(source, "Web.Job.New", "New")
    assert registered.decode().endswith(f"workers = [{', '.join(names)}, New]\n")


REMOVALS = {
    "first": ("[New, B]", "[B]"),
    "middle": ("[A, New, B]", "[A, B]"),
    "last with a comma": ("[A, New,]", "[A,]"),
    "its own comment goes too": (
        "[\n    A,  # a\n    New,  # n\n    B,\n]",
        "[\n    A,  # a\n    B,\n]",
    ),
    "its own comment goes too, at the end": (
        "[\n    A,  # a\n    New,  # n\n]",
        "[\n    A,  # a\n]",
    ),
    "comments between lines stay": (
        "[\n    # one\n    A,\n    # two\n    New,\n    # three\n    B,\n]",
        "[\n    # one\n    A,\n    # two\n    # three\n    B,\n]",
    ),
    "the comment of a shared line stays": ("[\n    A, New,  # both\n]", "[\n    A,  # both\n]"),
    "twice": ("[New, A, New]", "[A]"),
    "sole, with a comment inside": ("[\n    # jobs\n    New,\n]", "[\n    # jobs\n]"),
}


@pytest.mark.parametrize(("before", "after"), REMOVALS.values(), ids=REMOVALS.keys())
def test_removing_an_element_keeps_the_layout(before: str, after: str) -> None:
    source = f"{HEAD}workers = {before}\n".encode()
    expected = f"workers = {after}\n"
    assert unregister_worker(source, "Web.Job.New", "New").decode() == expected


def test_other_encodings_and_mixed_line_ends_are_preserved() -> None:
    source = "# -*- coding: latin-1 -*-\nname = 'é'\r\nworkers = [\n    A,  # ü\r\n]\n".encode(
        "latin-1"
    )
    registered = register_worker(source, "Web.Job.New", "New")
    assert "name = 'é'\r\n".encode("latin-1") in registered
    assert "    A,  # ü\r\n    New,\n]\n".encode("latin-1") in registered
    assert unregister_worker(registered, "Web.Job.New", "New") == source


def test_file_without_a_final_line_end_gets_none() -> None:
    registered = register_worker(b"workers = []", "Web.Job.New", "New")
    assert registered == b"from Web.Job.New import New\n\nworkers = [New]"
    assert unregister_worker(registered, "Web.Job.New", "New") == b"workers = []"


def test_padded_list_that_only_its_padding_makes_too_long_is_restored_by_unregistering() -> None:
    source = f"workers = [{', '.join(['A' * 13, 'B' * 13, 'C' * 13])} ]".encode()
    source += b"  # " + b"c" * (95 - len(source) - 4) + b"\n"
    assert source.index(b"\n") == 95
    registered = register_worker(source, "Web.Job.New", "New")
    assert b", New ]  #" in registered
    assert unregister_worker(registered, "Web.Job.New", "New") == source
