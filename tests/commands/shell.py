"""A shell for verbs: they run in this process, on a database of the test's own."""

from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from app.cli import app as command_line
from app.cli import main
from tests.installations.portal import HOST, Portal


@dataclass
class Shell:
    """Runs verbs in this process on a database of the test's own, in front of a portal."""

    portal: Portal

    def __call__(self, *arguments: str, status: int = 0, typed: str = "") -> Result:
        """Run a verb and check its exit status; `typed` is what the operator answers."""
        result = CliRunner(env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).invoke(
            command_line, list(arguments), input=typed or None
        )
        assert result.exit_code == status, result.output + repr(result.exception)
        return result

    def connect(self) -> None:
        """An account by its long-lived token."""
        self("migrate")
        self("install", "--crm", "fake", "--host", HOST, "--token", "long-lived")


def failing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the program as the shell does and give what it says when it fails."""
    monkeypatch.setattr("sys.argv", ["stepgate", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err
