"""`jobgen completion` in real shells."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import Jobgen
from tests.support.process import BIN
from tests.support.programs import BASH, FISH, ZSH

LOADING = {
    "bash": "source <(jobgen completion bash)",
    # Without a terminal, zsh's own functions cannot run: these print what they are given.
    "zsh": """
        compdef() { }
        compadd() { print -rl -- $completions }
        _describe() { print -rl -- ${completions_with_descriptions%%:*} }
        eval "$(jobgen completion zsh)"
    """,
    "fish": "jobgen completion fish | source",
}
COMPLETING = {
    "bash": """
        COMP_WORDS=(jobgen {words}); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _jobgen_completion jobgen
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        words=(jobgen {words}); CURRENT=$#words
        _jobgen_completion
    """,
    "fish": 'complete -C "jobgen {words}"',
}
SHELLS = {
    "bash": (BASH, ("--norc",)),
    "zsh": (ZSH, ("-f",)),
    "fish": (FISH, ("--no-config",)),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_completes_commands_names_types_and_applications(
    shop: Path, jobgen: Jobgen, shell: str
) -> None:
    assert jobgen("job", "Greet").code == 0
    program, options = SHELLS[shell]
    command = [program.require(), *options, "-c"]
    # Bash splits words at colons.
    column = "band : ref" if shell == "bash" else "band:ref"
    words = {
        "des": "destroy",
        "destroy job G": "Greet",
        "job X --app W": "Web",
        f"job X {column}": column.rpartition(" ")[2].replace("ref", "references"),
    }
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    completing = [COMPLETING[shell].replace("{words}", typed) for typed in words]
    done = subprocess.run(
        [*command, "\necho NEXT\n".join((LOADING[shell], *completing))],
        cwd=shop,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    _, *completed = done.stdout.split("NEXT\n")
    for expected, found in zip(words.values(), completed, strict=True):
        assert expected in found.split(), done.stdout + done.stderr


def test_completion_outside_of_a_project_is_empty(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "COMP_WORDS": "jobgen destroy job ",
        "COMP_CWORD": "3",
        "_JOBGEN_COMPLETE": "bash_complete",
    }
    done = subprocess.run(
        [BIN / "jobgen"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (b"", b"")
