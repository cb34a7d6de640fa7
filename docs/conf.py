"""How the site is made, by `make docs`. It needs no network, neither to be made nor to be read."""

import shutil
import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))


def bring_notebooks() -> None:
    """Let the notebooks be pages: they stay where readers look for them, and are linked or copied into here."""
    source, here = HERE.parent / "notebooks", HERE / "notebooks"
    if here.is_symlink():
        return
    try:
        here.symlink_to(Path("..") / source.name, target_is_directory=True)
    except OSError:  # a folder from before, or a system on which not everybody may link
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(source, here, ignore=lambda _, names: [name for name in names if not name.endswith(".py")])


bring_notebooks()

project = "corridors"
author = "the authors of corridors"
project_copyright = "the authors of corridors; code MIT, data ODbL"
release = version = version_of("corridors")
language = "en"

extensions = [
    "api",
    "command",
    "commands",
    "dictionary",
    "formula",
    "mathml",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_ext", "_static", "conf.py", "**/__pycache__", "**/.ipynb_checkpoints"]
default_role = "named"  # of docstrings: a link to what is documented
nitpicky = True
show_warning_types = True

# Markdown, and notebooks that are kept as Python files
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
myst_update_mathjax = False
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_merge_streams = True

# The reference of the Python API
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
nitpick_ignore_regex = [
    (r"py:.*", r"[A-Z]|Solution"),  # parameters of types
    # Other people's types: a site that needs no network cannot ask their pages for addresses.
    (r"py:.*", r"(pd|np|nx|pulp|sparse|click|numpy|pandas|altair|scipy|networkx|alt|xlsxwriter)\..*"),
    (r"py:.*", r"(collections\.abc|datetime|pathlib|os|contextlib|types|typing)\..*"),
    (r"py:.*", r"(NDArray|ArrayLike|Any|Path|Literal|Callable|Mapping|Sequence|Iterable|Iterator|Self|NamedTuple)"),
]

html_theme = "furo"
html_title = "corridors"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "default"
