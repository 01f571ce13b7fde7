"""What the command line says while it works, and how it looks on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from graphmodel.cli.progress import Patience
from graphmodel.outputs.text.figures import visible
from tests.cli.calls import printed, run
from tests.model.test_document import SMALL


def test_long_silence_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """What is being done is said, rarely, and not any more once the command has ended."""
    listener = Patience(0.05)
    listener.work = "reading large.json"
    listener.begin()
    time.sleep(0.4)
    listener.end()
    said = capsys.readouterr().err.splitlines()
    assert 1 <= len(said) <= 4
    assert all(line.startswith("still reading large.json, ") for line in said)
    time.sleep(0.2)
    assert not capsys.readouterr().err


def test_a_command_that_is_done_leaves_nobody_listening() -> None:
    result = run("catalogue")
    assert result.exit_code == 0
    assert "still" not in result.stderr
    for one in threading.enumerate():
        if one.name == "patience":
            one.join(5)
            assert not one.is_alive()


def on_a_terminal(*arguments: str, columns: int = 80, **environment: str) -> str:
    """What a command prints where standard output is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "graphmodel", *arguments]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**variables, "TERM": "xterm", **environment})
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 65536):
            said += block
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    process.wait()
    return said.decode()


def test_tables_fit_the_terminal_and_bands_have_colour(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    said = on_a_terminal("assess", str(file), "--draws", "110", columns=80)
    assert re.search("\x1b\\[[0-9;]+m(Low|Medium|High|Critical)\x1b\\[0m", said)
    lines = said.replace("\r", "").split("\n")
    assert len([line for line in lines if re.search(r"\S  +\S", line)]) > 10
    assert [line for line in lines if visible(line) > 80] == []
    assert "\x1b" not in on_a_terminal("assess", str(file), "--draws", "0", NO_COLOR="1")


def test_a_model_cannot_drive_the_terminal(tmp_path: Path) -> None:
    evil = r"\e]0;pwn\a\e[2J\e]52;c;ZXZpbA==\a\u202e\u009b31m\nCI: all checks passed"
    file = tmp_path / "evil.yaml"
    text = SMALL.replace("system: {id: small", f'system: {{name: "{evil}", id: small')
    assert text != SMALL
    file.write_text(text + f'"{evil}": 1\n')
    assert "\x1b]" not in on_a_terminal("check", str(file))
    file.write_text(text)
    for command in (["assess", str(file), "--draws", "0"], ["check", str(file)], ["loss", str(file), "--draws", "0"]):
        said = on_a_terminal(*command, NO_COLOR="1").replace("\r\n", "\n")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said), command
        assert not any(line.startswith("CI: all") for line in said.splitlines())
    assert "\x1b[8m" not in on_a_terminal("query", str(file), r"RETURN '\e[8m' AS x".replace(r"\e", "\x1b"))
    printed("assess", str(file))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_and_installed(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    printed_script = run("completion", shell)
    assert printed_script.exit_code == 0
    assert "_GRAPHMODEL_COMPLETE" in printed_script.stdout
    installed = run("completion", shell, "--install")
    assert installed.exit_code == 0, installed.output
    (script,) = [path for path in tmp_path.rglob("*graphmodel*") if path.is_file()]
    assert script.read_text() == printed_script.stdout


def test_completion_that_cannot_be_installed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    result = run("completion", "bash", "--install")
    assert (result.exit_code, "no place to install it to" in result.stderr) == (2, True)


def outcome(command: str, **environment: str) -> tuple[int, bytes, str]:
    """Status, output and errors of a command line of a shell, in which ``graphmodel`` is this program."""
    text = f'graphmodel() {{ "{sys.executable}" -m graphmodel "$@"; }}; {command}'
    done = subprocess.run(["bash", "-c", text], capture_output=True, env={**os.environ, **environment}, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
@pytest.mark.parametrize("call", ["catalogue", "catalogue --json", "completion bash", "catalogue edges"])
def test_an_output_that_cannot_be_written_is_an_error(call: str) -> None:
    status, _, said = outcome(f"graphmodel {call} >/dev/full")
    assert (status, said) == (2, "error: standard output cannot be written (No space left on device).\n")
    assert outcome(f"graphmodel {call} >/dev/full 2>/dev/full")[0] == 2


def test_closed_outputs_and_those_that_cannot_hold_every_letter_end_in_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("{id: small}", '{id: small, name: "\u201cCafé\u201d \U0001f600"}'))
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        status, _, said = outcome(f"graphmodel check {file} {closed}")
        assert (status, "Traceback" in said) == (0, False)
    status, written, _ = outcome(f"graphmodel assess {file} --draws 0", PYTHONIOENCODING="latin-1")
    assert status == 0
    assert r"\u201cCafé\u201d \U0001f600 (small)" in written.decode("latin-1")
    status, written, _ = outcome(f"graphmodel assess {file} --draws 0 --json", PYTHONIOENCODING="ascii")
    assert json.loads(written)["system"] == "small"
