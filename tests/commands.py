"""The command line as a person calls it: by click's runner, or as a process of its own."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from corridors.cli import main

ROOT = Path(__file__).parents[1]


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments])


def sentence(result: Result) -> str:
    """Return the sentence of an error, and assert that it is no traceback."""
    assert result.exit_code == 2, result.output
    lines = result.stderr.strip().splitlines()
    assert "Traceback" not in result.output
    return lines[-1]


def process(*arguments: object, **how: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, in the folder of the source."""
    command = [sys.executable, "-m", "corridors", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, **how)  # type: ignore[call-overload]
