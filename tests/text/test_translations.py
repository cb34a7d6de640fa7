"""The catalogues are whole, keep every {place} of their texts, and are what the tool would write."""

import ast
import importlib.util
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CODES = ("ru", "kk")
COMMANDS = sorted((ROOT / "corridors" / "cli").glob("*.py"))
PRINTERS = {"echo", "table", "print", "add_column", "add_row", "write", "secho"}
SAID = {"say", "later"}
SAYING = {"many", "term", "country", "name", "number", "percent", "format"}  # methods of a Language


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def catalogue(code: str) -> Catalog:
    path = ROOT / "corridors" / "text" / "locale" / code / "LC_MESSAGES" / "corridors.po"
    with path.open("rb") as file:
        return read_po(file, locale=code)


def messages(code: str) -> Iterator[Message]:
    return (one for one in catalogue(code) if one.id)


def translated(code: str) -> Iterator[Message]:
    return (one for one in messages(code) if all(forms(one.string)))


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_catalogues_are_up_to_date_and_no_text_is_untranslated() -> None:
    command = [sys.executable, "tools/translations.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


@pytest.mark.parametrize("code", CODES)
def test_every_form_of_every_text_is_translated(code: str) -> None:
    empty = [one.id for one in messages(code) if one.fuzzy or not all(forms(one.string))]
    assert empty == []
    number = {"ru": 3, "kk": 2}[code]
    assert all(len(one.string) == number for one in messages(code) if isinstance(one.id, tuple))


@pytest.mark.parametrize("code", CODES)
def test_no_place_for_a_value_is_lost_or_invented(code: str) -> None:
    for one in translated(code):
        wanted = set().union(*map(places, forms(one.id)))
        for text in forms(one.string):
            assert places(text) <= wanted, text
            # the form for one thing may say "one" in words
            assert places(text) == wanted or isinstance(one.id, tuple), text
            assert text.count("%(") == forms(one.id)[0].count("%("), text


@pytest.mark.parametrize("code", CODES)
def test_lines_and_ends_of_a_text_are_kept(code: str) -> None:
    for one in translated(code):
        for text in forms(one.string):
            assert text.count("\n") == forms(one.id)[0].count("\n"), text
            assert (text[:1].isspace(), text[-1:].isspace()) == (forms(one.id)[0][:1].isspace(), False), text


@pytest.mark.parametrize("code", CODES)
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    made = tool()
    for path, content in made.files(made.catalogue(code, made.wanted())).items():
        assert path.read_bytes() == content, path


@pytest.mark.parametrize("code", CODES)
def test_the_glossary_has_the_words_of_the_catalogues(code: str) -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]
    told = {english: row[1 + CODES.index(code)].lower() for row in rows for english in row[0].split("; ")}
    said = [(one.id, one.string) for one in messages(code) if one.id in told]
    assert len(said) > len(rows) / 2
    assert [pair for pair in said if pair[1].lower() not in told[pair[0]]] == []


def test_texts_are_found_in_code_and_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tool()
    monkeypatch.setattr(made, "ROOT", tmp_path)
    monkeypatch.setattr(made, "PACKAGE", tmp_path)
    code = tmp_path / "code.py"
    code.write_text(
        'a = later("a word")\nsay("{n} of "\n    "{all}", n=1)\nself.say("mine")\n'
        'say.many("{n} train", "{n} trains", 2)\n'
        'say(a)\nother("nothing")\nsay.term("rail")\nhow.many("no", "text", 2)\n',
        encoding="utf-8",
    )
    page = tmp_path / "page.jinja"
    page.write_text(
        '<p title="{{ say("on \\"top\\"") }}">{{ self.say("below") }} {{ say.many("{n} link", "{n} links", 3) }}</p>'
    )
    assert {(one.one, one.more) for one in made.in_code(code)} == {
        ("a word", ""),
        ("{n} of {all}", ""),
        ("mine", ""),
        ("{n} train", "{n} trains"),
    }
    assert {(one.one, one.more) for one in made.in_template(page)} == {
        ('on "top"', ""),
        ("below", ""),
        ("{n} link", "{n} links"),
    }


def test_a_text_that_is_put_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tool()
    monkeypatch.setattr(made, "ROOT", tmp_path)
    monkeypatch.setattr(made, "PACKAGE", tmp_path)
    code = tmp_path / "code.py"
    code.write_text('say(f"{n} trains")\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="line 1"):
        list(made.in_code(code))


def test_old_translations_are_kept_gone_texts_dropped_and_doubted_ones_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tool()
    monkeypatch.setattr(made, "LOCALE", tmp_path)
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "corridors.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "kept"\nmsgstr "осталось"\n\n'
        'msgid "gone"\nmsgstr "ушло"\n\n#, fuzzy\nmsgid "doubted"\nmsgstr "сомнительно"\n',
        encoding="utf-8",
    )
    found = {made.Text("kept"), made.Text("doubted"), made.Text("new"), made.Text("{n} one", "{n} more")}
    merged = made.catalogue("ru", found)
    assert {one.id: one.string for one in merged if one.id and one.string and all(one.string)} == {
        "kept": "осталось",
        "doubted": "сомнительно",
    }
    assert made.untranslated(merged) == ["doubted", "new", "('{n} one', '{n} more')"]
    written = made.files(merged)
    for path, content in written.items():
        path.write_bytes(content)
    assert made.files(made.catalogue("ru", found)) == written


def unsaid(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the English in what a module prints that is not said in the reader's language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in PRINTERS:
            for argument in [*node.args, *(one.value for one in node.keywords)]:
                yield from english(argument)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def english(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the literals with words in an expression, but for those that a Language is asked for, and names of keys."""
    if isinstance(node, ast.Call):
        if called(node) in SAID | SAYING | {"join", "get", "getattr"}:
            skipped = node.args if called(node) != "join" else []
            for one in [*node.args, *(word.value for word in node.keywords)]:
                if one not in skipped:
                    yield from english(one)
            return
        if called(node) in {"Path", "dumps", "IntRange"}:
            return
    if isinstance(node, ast.Subscript):
        yield from english(node.value)
        return
    if isinstance(node, ast.Compare):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and wordy(node.value):
        yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.FormattedValue) and child is node.format_spec):
            yield from english(child)


def wordy(text: str) -> bool:
    """Whether a text has a word; a lone letter, an option or a name of a file has none."""
    return any(len(word) > 1 and word.isalpha() for word in text.replace("(", " ").replace(",", " ").split())


ALLOWED = {  # what a person types, what rich is told, and what is said where no other letters can be
    "__init__.py": {'"Error: the output\'s encoding, "', "', has no '", "': set PYTHONUTF8=1'"},
    "completion.py": {"'corridors'"},
    "data_init.py": {"'  corridors data check '", "'  corridors plan --data '"},
    "keeping.py": {"'plan'"},
    "tables.py": {"'left'", "'right'", "'fold'"},
}


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_what_the_command_line_prints_is_said_in_the_reader_s_language(path: Path) -> None:
    found = {ast.unparse(one) for one in unsaid(ast.parse(path.read_text(encoding="utf-8")))}
    assert found - ALLOWED.get(path.name, set()) == set()


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('click.echo("Written to it")', 1),
        ('click.echo(f"Written to {path}")', 1),
        ('click.echo("\\n" + say("Written to {path}", path=path))', 0),
        ('table("Modes", [say("mode"), "share"], [], right=(1,))', 2),
        ('table(say("Modes"), [say("mode")], [[row["name"], f"{row.kt:,.0f} {row.unit}"]])', 0),
        ("click.echo(f\"{say('left')}: {kt:,.1f}\")", 0),
        ('click.echo(", ".join(["so many", name]))', 1),
    ],
)
def test_english_that_is_printed_is_seen(code: str, count: int) -> None:
    assert len(list(unsaid(ast.parse(code)))) == count
