"""The command's door: whoever changes his mind while everything is still being imported sees no traceback."""

import signal


def main() -> None:
    """Run `stepgate`. Ctrl-C simply ends the process until a verb can answer it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from app.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
