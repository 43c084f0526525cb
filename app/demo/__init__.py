"""The demo: everything started, installed and filled through the front doors."""

from app.demo.home import DemoError
from app.demo.run import DemoOptions, run

__all__ = ["DemoError", "DemoOptions", "run"]
