"""`corridors solve`, by each method that there is."""

import importlib.util

from click.testing import CliRunner, Result

from corridors.cli import main
from corridors.models import methods

METHODS = [name for name in methods.METHODS if importlib.util.find_spec(f"corridors.models.{name}")]


def run(*arguments: object, method: str = "arcs") -> Result:
    """Run `corridors solve` in this process."""
    return CliRunner().invoke(main, ["solve", "--method", method, *map(str, arguments)])
