"""``python -m graphmodel`` is the command line, and so is the program ``graphmodel``."""

import sys

_INTERRUPTED = 130  # as shells say that Ctrl-C ended a program


def run() -> None:
    """Run the command line; a Ctrl-C while it is still being loaded ends it without a word, too."""
    try:
        from graphmodel.cli.main import main  # noqa: PLC0415 - loading it is what may be interrupted
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    main(prog_name="graphmodel")


if __name__ == "__main__":
    run()
