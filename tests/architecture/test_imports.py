"""Who may import whom, as `.importlinter` says; and what the rules themselves must cover."""

import ast
import configparser
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / ".importlinter"


def test_imports_go_downwards_only() -> None:
    assert lint_imports(config_filename=str(RULES), no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_part_of_the_product_is_kept_from_the_sandbox_or_may_start_it() -> None:
    rules = configparser.ConfigParser()
    rules.read(RULES)
    listed = set(rules["importlinter:contract:product"]["source_modules"].split())
    parts = {
        f"app.{path.stem}"
        for path in (ROOT / "app").iterdir()
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").is_file())
    }
    may_start_it = {"app.launch", "app.cli", "app.commands", "app.demo", "app.sandbox", "app.openapi"}
    leaves = {"app.config", "app.clock", "app.errors", "app.observability", "app.together", "app.__init__"}
    assert parts - listed - may_start_it - leaves == set()


def test_nothing_reads_the_environment_when_it_is_imported() -> None:
    """Settings are read by `load_settings` and by adapters when they are built, never by a module."""
    for path in (ROOT / "app").rglob("*.py"):
        if "sandbox" in path.parts or "demo" in path.parts:
            continue
        body = ast.parse(path.read_text("utf-8")).body
        at_import = [node for node in body if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr)]
        for statement in at_import:
            for node in ast.walk(statement):
                is_read = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
                assert not is_read, f"{path} reads the environment at import"
