"""Print what pyproject.toml requires, quoted for a shell: the Makefile installs it before the project itself."""

import shlex
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
wanted = list(project["dependencies"])
for extra in sys.argv[1:]:
    wanted += project["optional-dependencies"][extra]
print(shlex.join(requirement.replace(" ", "") for requirement in wanted))
