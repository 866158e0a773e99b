"""Properties that hold for any imports and any layout of the list."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jobgen.registration import (
    register_application,
    register_dashboard,
    register_worker,
    unregister_application,
    unregister_dashboard,
    unregister_worker,
)

Edit = Callable[[bytes, str, str], bytes]
EDITS: dict[str, tuple[str, Edit, Edit]] = {
    "worker": ("workers = {list}", register_worker, unregister_worker),
    "application": ("workers: Any = {list}", register_application, unregister_application),
    "dashboard": (
        "def make() -> Any:\n    return JobsDashboard(\n        auth=None, jobs={list})",
        register_dashboard,
        unregister_dashboard,
    ),
}

comments = st.sampled_from(["", "  # why", " #!", "  # Zürich"])
names = st.sampled_from(["Alpha", "Beta", "*gammas", "Web.Job.Delta", "factory(1, [2])"])


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A list of any layout that is legal, ugly ones included."""
    items = draw(st.lists(names, max_size=4))
    indent = draw(st.sampled_from(["    ", "  ", "\t", "            "]))
    spread = draw(st.booleans())
    text = "["
    if spread:
        text += draw(comments) + "\n" + draw(st.sampled_from(["", f"{indent}# own line\n", "\n"]))
    for index, item in enumerate(items):
        last = index == len(items) - 1
        comma = "," if not last or draw(st.booleans()) else ""
        if spread and draw(st.integers(0, 3)):
            own = draw(st.sampled_from(["", "", f"{indent}# own line\n", "\n"]))
            text += f"{indent}{item}{comma}{draw(comments)}\n{own}"
        else:
            text += f"{item}{comma}" + ("" if last else " ")
    return text + draw(st.sampled_from(["]", "]", f"{indent}]" if spread else " ]"]))


@st.composite
def sources(draw: st.DrawFn, use: str) -> str:
    """A file that has the list, with any of what comes before and after it."""
    head = draw(
        st.sampled_from(
            ["", "#!/usr/bin/env python\n", '"""Doc."""\n', "# comment\n\n", '"""Doc."""\n\n\n']
        )
    )
    imports = draw(
        st.lists(
            st.sampled_from(
                [
                    "from typing import Any\n",
                    "import os, sys\n",
                    "from jobgen_runtime import Job  # the base\n",
                    "from Web.Job.Alpha import Alpha\n",
                    "from Web.Job.Zulu import (\n    Zulu,  # z\n    zulu\n)\n",
                    "from Web.Job.New import helper\n",
                    "# about it\nfrom Admin.Worker import workers as admin_workers\n",
                    "from .local import thing\n",
                    "try:\n    import fast\nexcept ImportError:\n    fast = None\n",
                    "if TYPE_CHECKING:\n    from Web.Job.Beta import Beta\n",
                    "setup()\n",
                    "\n",
                ]
            ),
            max_size=6,
        )
    )
    tail = draw(
        st.sampled_from(["", "\n", "  # end\n", "\n\n\nclass Last:\n    x = 1\n", "; y = 2\n"])
    )
    return head + "".join(imports) + use.format(list=draw(lists())) + tail


def tokens(source: bytes) -> Iterator[str]:
    """Yield the tokens of a file, with comments, without spaces, line ends and commas."""
    layout = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type not in layout and token.string not in {",", "(", ")"}:
            yield token.string


def is_subsequence(part: Iterator[str], whole: Iterator[str]) -> bool:
    return all(token in whole for token in part)


def was_broken(source: bytes, after: bytes) -> bool:
    """Return whether a one-line list was split into a line for each element.

    Without that, an edit adds at most four lines.
    """
    return after.count(b"\n") > source.count(b"\n") + 4


def unpadded(text: str) -> str:
    return re.sub(r",? *\]", "]", text)


@pytest.mark.parametrize("kind", EDITS)
@given(
    data=st.data(),
    newline=st.sampled_from(["\n", "\r\n"]),
    bom=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_unregistering_restores_any_file_that_registering_edited(
    kind: str, data: st.DataObject, newline: str, bom: bytes
) -> None:
    use, register, unregister = EDITS[kind]
    text = data.draw(sources(use))
    source = bom + text.replace("\n", newline).encode()
    try:
        ast.parse(source)
    except SyntaxError:
        assume(False)
    module, name = ("Web.Worker", "Web") if kind == "application" else ("Web.Job.New", "New")

    after = register(source, module, name)

    ast.parse(after)
    assert after != source
    assert is_subsequence(tokens(source), tokens(after)), after.decode()
    assert register(after, module, name) is after
    back = unregister(after, module, name).decode()
    if was_broken(source, after):
        # The list is joined again without padding and without a trailing comma.
        assert unpadded(back) == unpadded(source.decode()), after.decode()
    else:
        assert back == source.decode(), after.decode()
    assert unregister(source, module, name) is source
    if b"\r\n" in source:
        assert after.count(b"\n") == after.count(b"\r\n")


@given(data=st.data())
def test_two_jobs_can_be_unregistered_in_any_order(data: st.DataObject) -> None:
    text = data.draw(sources(EDITS["worker"][0]))
    try:
        ast.parse(text)
    except SyntaxError:
        assume(False)
    source = text.encode()
    both = register_worker(register_worker(source, "Web.Job.One", "One"), "Web.Job.Two", "Two")
    second = unregister_worker(both, "Web.Job.One", "One")
    assert unregister_worker(second, "Web.Job.Two", "Two").decode() == text
