"""The documentation holds: its commands exist, its formulas are the code's, and its site is made without a warning."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from corridors import tables
from corridors.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "corridors"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "notebooks" not in path.relative_to(DOCS).parts)
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *PAGES]
COMPILED = {
    "corridors.models.pricing.compiled",
    "corridors.models.pricing.kernels",
    "corridors.models.columns.barrier.kernels",
    "corridors.models.choice.perturbed.contraction",
    "corridors.models.choice.perturbed.decomposition",
    "corridors.models.choice.perturbed.normal",
    "corridors.models.choice.perturbed.reading",
    "corridors.models.choice.perturbed.restart",
    "corridors.models.choice.perturbed.rounds",
    "corridors.models.choice.perturbed.search",
    "corridors.models.choice.perturbed.setting",
    "corridors.models.choice.perturbed.subnetworks",
    "corridors.models.assignment.kernels",
}  # need numba, an extra
SPHINX = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html")
INSIDE = {
    *COMPILED,
    "corridors",
    "corridors.__main__",
    "corridors.models",
    "corridors.models.bound",
    "corridors.models.proof",
    "corridors.models.threads",
    "corridors.data.demand",
    "corridors.data.domestic_rail",
    "corridors.data.freight_shares",
    "corridors.data.ground",
    "corridors.data.road_freight",
    "corridors.data.shapes",
}


def asked(text: str) -> Iterator[tuple[str, bool]]:
    """Yield every command of ours in a Markdown text, and whether it can be run as it stands.

    That holds in blocks and in the site's own directives; within a line it may be but spoken of.
    """
    inside = False
    for line in text.splitlines():
        directive = re.match(r"```+\{corridors\}\s+(.*)", line)
        if line.lstrip().startswith("```"):
            inside = not inside
        if directive:
            yield f"corridors {directive[1]}", True
        elif block := re.match(r"(\$ |    )?(corridors .*)", line) if inside or line.startswith("    ") else None:
            yield re.split(r"\s{2,}|\s#", block[2])[0], True
        elif not inside:
            yield from ((found, False) for found in re.findall(r"`(corridors [^`]+)`", line))


COMMANDS = sorted({(path.relative_to(ROOT).as_posix(), *one) for path in TEXTS for one in asked(path.read_text())})


def leaf(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """Return the command that some words name, its context, and the words that are left for it."""
    command: click.Command = main
    ctx = click.Context(main, info_name="corridors")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.get_command(ctx, words[0])
        assert below is not None, f"there is no command {words[0]}"
        command, ctx, words = below, click.Context(below, ctx, words[0]), words[1:]
    return command, ctx, words


def everything(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield ctx.command_path, command, ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below is not None
            yield from everything(below, click.Context(below, ctx, name))


def test_the_texts_show_commands() -> None:
    assert len(COMMANDS) > 80
    assert {"README.md", "docs/tutorial.md", "docs/scenarios.md"} <= {page for page, *_ in COMMANDS}


@pytest.mark.parametrize(("page", "line", "whole"), COMMANDS)
def test_every_command_in_the_texts_exists_with_its_options(page: str, line: str, whole: bool) -> None:
    words = shlex.split(line)[1:]
    if words and words[0].isupper():  # COMMAND stands for any
        return
    command, ctx, left = leaf(words)
    shown = [word for word in left if word not in ("--help", "-h", "--version")]
    if whole and (shown or shown == left):
        command.make_context(command.name, shown, parent=ctx.parent)
    known = {sign for option in command.get_params(ctx) for sign in (*option.opts, *option.secondary_opts)}
    assert {word for word in left if word.startswith("-")} <= known | {"-h", "--version"}, page


@pytest.mark.parametrize(
    "wrong", ["corridors plan --no-such-option", "corridors plam", "corridors run a --top 3", "corridors stress --k 9"]
)
def test_a_command_that_does_not_exist_is_found(wrong: str) -> None:
    with pytest.raises((click.UsageError, AssertionError)):
        test_every_command_in_the_texts_exists_with_its_options("", wrong, True)


@pytest.mark.parametrize("name", ["declare", "add_flow_conservation", "add_resource_limits", "add_objective"])
def test_every_constraint_block_states_its_formula(name: str) -> None:
    blocks = {
        node.name: ast.get_docstring(node) or ""
        for node in ast.parse((PACKAGE / "models" / "arcs" / "formulation.py").read_text()).body
        if isinstance(node, ast.FunctionDef) and (node.name.startswith("add_") or node.name == "declare")
    }
    assert name in blocks
    assert all(".. math::" in text for text in blocks.values()), blocks
    assert "corridors.models.arcs.formulation\n   :members:" in (DOCS / "math" / "flow.md").read_text()


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_is_in_the_reference() -> None:
    text = "\n".join(path.read_text() for path in PAGES)
    names = set(re.findall(r"corridors(?:\.\w+)+(?:\.\*)?", text))
    faces = {module(path) for path in PACKAGE.rglob("__init__.py")}
    every = {module(path) for path in PACKAGE.rglob("*.py") if "cli" not in path.parts} - INSIDE - faces
    missing = {
        one
        for one in every
        if one not in names and f"{one}.*" not in names and f"{one.rpartition('.')[0]}.*" not in names
    }
    assert missing == set(), "add them to a page of docs/reference/api"


def test_the_texts_name_no_table_that_is_not_there() -> None:
    tables = set()
    for package in (PACKAGE / "data" / "datapackage.json", PACKAGE / "planning" / "plan.datapackage.json"):
        tables |= {one["name"] for one in json.loads(package.read_text())["resources"]}
    for page in PAGES:
        for prefix, name in re.findall(r"\(#(data|plan)-(\w+)\)", page.read_text()):
            assert name.replace("-", "_") in tables, f"{page}: #{prefix}-{name}"


def test_what_is_said_of_the_embedded_data_is_so() -> None:
    said = " ".join((DOCS / "validity.md").read_text().split())
    data = tables.read()
    told = data["provenance"]
    statuses = {name: rows["status"].value_counts().to_dict() for name, rows in told.groupby("table")}
    demand, totals, links = data["demand"], data["totals"], data["links"]
    assert f"of {len(demand):,} rows none is observed" in said
    assert "observed" not in statuses["demand"]
    assert "observed" not in statuses["tariffs"]
    assert f"of {sum(statuses['tariffs'].values())} none is observed" in said

    rail = links.loc[links["mode"] == "rail", "link"]
    capacities = told[(told["table"] == "links") & (told["column"] == "capacity") & told["key"].isin(rail)]
    assert f"{(capacities['status'] == 'assumed').sum()} of {len(rail)} rail links" in said

    split = told[(told["table"] == "totals") & (told["column"] == "kt") & told["key"].isin(data["splits"]["total"])]
    weak = split.loc[split["status"] == "assumed", "key"]
    assert f"Three tenths of all tonnes hang on {len(weak)} assumed totals" in said
    assert totals.loc[totals["total"].isin(weak), "kt"].sum() / demand["kt"].sum() == pytest.approx(0.3, abs=0.01)
    assert f"{totals.set_index('total')['kt']['cn_eu_sea'] / 1000:.1f} Mt of containers" in said

    crude = demand.loc[demand["commodity"] == "crude_oil", "kt"].sum() / demand["kt"].sum()
    assert f"{crude:.0%}".replace("%", " % of all tonnes") in said
    air = told[(told["key"] == "air|typical") & (told["column"] == "usd_per_tkm")].iloc[0]
    assert f"{air['low']:g} to {air['high']:g} USD/tkm" in said
    times = told[(told["table"] == "commodities") & (told["column"] == "usd_per_t_day")]["status"]
    assert sorted(times.unique()) == ["assumed", "derived"]
    assert (times == "derived").sum() == 1


class Page(HTMLParser):
    """What a page loads, links to, is known by, and says."""

    LOADS = (
        ("script", "src"),
        ("img", "src"),
        ("img", "srcset"),
        ("iframe", "src"),
        ("source", "src"),
        ("embed", "src"),
        ("object", "data"),
        ("video", "src"),
        ("audio", "src"),
        ("image", "href"),
        ("use", "href"),
    )

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.said: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads, where it leads, and its id."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") not in ("canonical", "author", "license"):
            self.loads.append(given["href"])
        self.loads += [given[name] for one, name in self.LOADS if one == tag and name in given]
        self.loads += re.findall(r"url\(['\"]?([^)'\"]+)", given.get("style", ""))

    def handle_data(self, data: str) -> None:
        """Note what is said."""
        self.said.append(data)

    @property
    def text(self) -> str:
        """What the page says, with single blanks."""
        return " ".join(" ".join(self.said).split())


def outside(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https", "ftp") or address.startswith("//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site: one that was just made and CORRIDORS_SITE names, or else a new one."""
    if "CORRIDORS_SITE" in os.environ:
        return ROOT / os.environ["CORRIDORS_SITE"]
    made = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [*SPHINX, "-j", "auto", "-E", "-d", str(made.parent / "doctrees"), str(DOCS), str(made)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return made


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 40
    for path, page in pages.items():
        assert [address for address in page.loads if outside(address)] == [], path
    for path in site.rglob("*.css"):
        loaded = re.findall(r"(?:@import\s+|url\()\s*['\"]?([^)'\";]+)", path.read_text(encoding="utf-8"))
        assert [address for address in loaded if outside(address)] == [], path


@pytest.mark.slow
def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for address in [*page.links, *page.loads]:
            parts = urlsplit(address)
            if parts.scheme or address.startswith("//"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name} links to {address}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path.name} links to {address}"


@pytest.mark.slow
def test_the_reference_has_every_command_and_option(site: Path) -> None:
    text = Page(site / "reference" / "cli.html").text
    for path, command, ctx in everything(main, click.Context(main, info_name="corridors")):
        assert path in text
        for option in command.get_params(ctx):
            if isinstance(option, click.Option) and not option.hidden:
                assert all(sign in text for sign in option.opts), f"{path} {option.opts}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "package"),
    [
        ("data", "data/datapackage.json"),
        ("plan", "planning/plan.datapackage.json"),
        ("estimate", "estimation/estimate.datapackage.json"),
    ],
)
def test_the_dictionaries_have_every_table_and_column(site: Path, page: str, package: str) -> None:
    text = Page(site / "reference" / f"{page}.html").text
    for table in json.loads((PACKAGE / package).read_text(encoding="utf-8"))["resources"]:
        assert table["path"] in text
        for field in table["schema"]["fields"]:
            assert f"{field['name']} {field['type']}" in text, f"{table['name']}.{field['name']}"
            assert " ".join(field["description"].split()) in text, f"{table['name']}.{field['name']}"
            assert field.get("unit", "") in text


@pytest.mark.slow
def test_formulas_are_drawn_by_the_browser_itself(site: Path) -> None:
    text = (site / "math" / "flow.html").read_text(encoding="utf-8")
    for name in ("declare", "add_flow_conservation", "add_resource_limits", "add_objective"):
        start = text.index(f'id="corridors.models.arcs.formulation.{name}"')
        assert "<math" in text[start : text.index("</dl>", start)], name
    assert not any("mathjax" in path.read_text(encoding="utf-8").lower() for path in site.rglob("*.html"))


@pytest.mark.slow
def test_notebooks_are_shown_with_what_came_out_and_complain_of_nothing(site: Path) -> None:
    for notebook in (ROOT / "notebooks").glob("*.py"):
        text = (site / "notebooks" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        assert "cell_output" in text, notebook
        assert "Traceback" not in text, notebook
        assert "output stderr" not in text, notebook
        assert 'class="dataframe"' in text, notebook
        code = notebook.read_text(encoding="utf-8")
        assert "_images/" in text or not ("alt.Chart(" in code or ".chart(" in code), notebook


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("```{corridors} plan --no-such-option\n```", "ended with 2, not 0"),
        ("```{corridors} data tables\n:exit: 2\n```", "ended with 0, not 2"),
        ("```{corridors} data tables\n:from: no line has this\n```", "no line has"),
        ("```{shown} plan/flows.csv\n```", "cannot be read"),
        ("```{python}\nraise SystemExit(3)\n```", "ended with 3, not 0"),
        ("```{formula} corridors.errors\n```", "has no formula"),
        ("$$ a \\nosuchcommand b $$", "is not known"),
        ("[](nowhere.md)", "nowhere.md"),
    ],
)
def test_a_page_that_does_not_hold_fails_the_build(tmp_path: Path, page: str, why: str) -> None:
    (tmp_path / "index.md").write_text(f"# Title\n\n{page}\n")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(DOCS / '_ext')!r})\n"
        "extensions = ['command', 'formula', 'mathml', 'myst_parser']\n"
        "html_math_renderer = 'mathml'\nmyst_enable_extensions = ['dollarmath']\nmyst_update_mathjax = False\n"
    )
    done = subprocess.run(
        [*SPHINX, ".", "out"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode != 0
    assert why in done.stderr, done.stderr
