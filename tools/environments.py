"""Run the tests that meet libraries with the newest or the oldest versions that pyproject.toml allows.

``python tools/environments.py newest|oldest [PYTEST OPTION ...]`` makes an environment of wheels alone in build/, with
the newest of everything on the newer Python, or with every lower bound on the older one. ``make newest`` and
``make oldest`` do it. Where the environment of this program has the same Python and the same versions, its own tests
have told already, and they are not run again.
"""

import os
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = {"newest": "3.13", "oldest": "3.12"}
# What a library could change, in the engine, tables, report, export and the command line: modules of tests/.
MEETING = """
    cli/test_cli cli/test_cli_data cli/test_cli_language cli/test_cli_output cli/test_cli_run cli/test_cli_solve
    cli/test_cli_estimate cli/test_cli_stress cli/test_cli_uncertainty cli/test_standard_output cli/test_stopping
    estimation/test_estimating
    exchange/test_programs
    export/test_export export/test_export_gmns export/test_great_circles export/test_layers
    models/test_arcs models/test_certificate models/test_column_prices models/test_columns models/test_decomposition
    models/estimation/test_gauss_newton models/estimation/test_posterior models/estimation/test_response
    models/test_golden_lp models/test_structure models/test_warmstart
    notebook/test_notebook
    planning/test_planner planning/test_unserved
    report/test_report
    sheets/test_sheets sheets/test_spreadsheets
    sweep/test_sweep
    tables/test_connectivity tables/test_dataset tables/test_rules tables/test_table_files tables/test_validation
    test_embedded
    text/test_language
    uncertainty/test_distribution uncertainty/test_sensitivity uncertainty/test_uncertainty
"""
_APART = ("corridors", "pip")  # what is tested, and what installed the rest


def meeting(names: str = MEETING) -> list[Path]:
    """Return the test modules that meet libraries, and end the program where one is not there."""
    files = [ROOT / "tests" / f"{name}.py" for name in names.split()]
    if missing := [str(path) for path in files if not path.is_file()]:
        sys.exit(f"MEETING in {Path(__file__).name} names what is not there: {', '.join(missing)}")
    return files


def python_of(version: str) -> Path:
    """Return an interpreter of that version, from the path or from pyenv."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [
        shutil.which(f"python{version}"),
        *sorted(kept.glob(f"{version}.*/bin/python"), reverse=True),
        sys.executable,
    ]
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    for one in filter(None, found):
        said = subprocess.run([one, "-c", ask], capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:  # a shim of pyenv may be on the path and lead nowhere
            return Path(one)
    sys.exit(
        f"This needs Python {version} as python{version} on the path or among the versions of pyenv, and there is none."
    )


def prepared(which: str) -> Path:
    """Make the environment and give its interpreter."""
    folder = ROOT / "build" / which
    run(python_of(PYTHONS[which]), "-m", "venv", "--clear", folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    oldest = ["--oldest"] if which == "oldest" else []
    wanted = run(sys.executable, ROOT / "tools" / "requirements.py", *oldest, "test", quiet=True)
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*install, "--only-binary", ":all:", *shlex.split(wanted))
    run(*install, "--no-deps", "--editable", ROOT)
    return python


def unlike(listed: str) -> list[str]:
    """Return which lines ``NAME==VERSION`` of a list of packages are not as in the environment of this program."""
    lines = [line.partition("==") for line in listed.split() if line.partition("==")[0] not in _APART]
    return [f"{name}=={version}" for name, _, version in lines if _installed(name) != version]


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def run(*words: object, quiet: bool = False) -> str:
    """Run a command that has to succeed, and give what it prints if that is not shown."""
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, text=True, stdout=subprocess.PIPE if quiet else None, check=False
    )
    if done.returncode:
        sys.exit(f"failed with {done.returncode}: {shlex.join(str(word) for word in words)}")
    return done.stdout or ""


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in PYTHONS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(PYTHONS)} [PYTEST OPTION ...]")
    tests = meeting()
    made = prepared(sys.argv[1])
    listed = run(made, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check", quiet=True)
    print(listed, flush=True)
    alike = sys.version_info[:2] == tuple(map(int, PYTHONS[sys.argv[1]].split("."))) and not unlike(listed)
    if alike and not sys.argv[2:]:
        print("The usual tests ran with these versions: they are not run again.")
    else:
        run(made, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", *sys.argv[2:], *tests)
