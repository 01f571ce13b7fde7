"""``graphmodel completion``: completes commands, options and files in bash, zsh and fish."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from graphmodel.cli.options import fail, write
from graphmodel.cli.terminal import put, say

_PLACES = {
    "bash": Path(".local/share/bash-completion/completions/graphmodel"),
    "zsh": Path(".zfunc/_graphmodel"),
    "fish": Path(".config/fish/completions/graphmodel.fish"),
}
_NEXT = {
    "bash": "New shells have it (by the package bash-completion).",
    "zsh": "Put “fpath+=~/.zfunc; autoload -Uz compinit; compinit” into ~/.zshrc, unless it is there.",
    "fish": "New shells have it.",
}


@click.command()
@click.argument("shell", type=click.Choice(list(_PLACES)))
@click.option("--install", is_flag=True, help="Write it where the shell looks for it, in your home directory.")
@click.pass_context
def completion(context: click.Context, shell: str, install: bool) -> None:
    """Print the completion script for SHELL, or install it."""

    found = get_completion_class(shell)
    if found is None:
        fail(f"there is no completion for {shell}.")
    text = found(context.find_root().command, {}, "graphmodel", "_GRAPHMODEL_COMPLETE").source()
    if not install:
        put(text)
        return
    try:
        place = Path.home() / _PLACES[shell]
        place.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # Python knows no home directory
        reason = error.strerror if isinstance(error, OSError) else error
        fail(f"there is no place to install it to ({reason}). Print it, and put it where {shell} looks for it.")
    write(place, text + "\n")
    say(f"wrote {place}. {_NEXT[shell]}")
