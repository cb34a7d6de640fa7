"""Print what pyproject.toml requires, quoted for a shell: ``python tools/requirements.py [--oldest] [EXTRA ...]``.

The Makefile installs it before the project itself. With ``--oldest`` each is the lower bound.
"""

import re
import shlex
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wanted(extras: list[str]) -> list[str]:
    """Return the requirements of the project and of some extras, those of the extras that they name among them."""
    found = list(PROJECT["dependencies"])
    for extra in extras:
        for requirement in PROJECT["optional-dependencies"][extra]:
            own = re.fullmatch(rf"{PROJECT['name']}\[([\w,-]+)\]", requirement)
            found += wanted(own[1].split(","))[len(PROJECT["dependencies"]) :] if own else [requirement]
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    oldest = "--oldest" in sys.argv
    made = wanted([word for word in sys.argv[1:] if word != "--oldest"])
    if oldest:
        open_ended = [one for one in made if not re.fullmatch(r"[\w.\[\]-]+>=[\d.]+", one)]
        if open_ended:
            sys.exit(f"pyproject.toml: each requirement is NAME>=LOWEST; these are not: {', '.join(open_ended)}")
        made = [one.replace(">=", "==") for one in made]
    print(shlex.join(one.replace(" ", "") for one in made))
