"""Bring the catalogues of texts up to date: ``python tools/translations.py``, or with ``--check`` only say if they are.

Texts are found in calls of ``say("...")``, ``say.many("one", "more", n)`` and ``later("...")`` of the code and of the
report's templates, in the help of the commands, in the words for codes of the data (`corridors.text.terms`), and in
what the data dictionary says of tables and columns. Translations that are there are kept, those of texts that are gone
are dropped; what is not translated is printed.
"""

import ast
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from corridors.cli import main
from corridors.cli.language import texts
from corridors.tables.schema import dictionary
from corridors.text.language import DOMAIN, LOCALE, MEANING, TERM
from corridors.text.terms import TERMS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "corridors"
PLURALS = {
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "kk": "nplurals=2; plural=(n != 1);",
}
# What click says to users of these commands; its other texts are for programmers and for prompts.
CLICK_PLAIN = (
    *("Usage:", "Options", "Commands", "Error: {message}", "Aborted!", "Show this message and exit."),
    *("Show the version and exit.", "%(prog)s, version %(version)s", "default: {default}"),
    *("Try '{command} {option}' for help.", "Missing command.", "Missing argument", "Missing option"),
    *("Choose from:\n\t{choices}", "Invalid value: {message}", "Invalid value for {param_hint}: {message}"),
    *("No such option {name!r}.", "No such command {name!r}.", "Option {name!r} does not take a value."),
    *("{value!r} is not a valid {number_type}.", "{value} is not in the range {range}."),
)
CLICK_COUNTED = (  # singular and plural
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)


class Text(NamedTuple):
    """What is translated; `more` is the plural of a text that has one, `context` tells equal texts apart."""

    one: str
    more: str = ""
    context: str = ""


class Plain(Catalog):
    """A catalogue whose header has nothing that changes with the day or with the program that writes it."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Return what gettext must know."""
        return [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", PLURALS[str(self.locale_identifier)]),
        ]


def in_code(path: Path) -> Iterator[Text]:
    """Find the texts of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, of = _called(node.func)
            found = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            yield from _asked(name, of, found, f"{path.relative_to(ROOT)}, line {node.lineno}", node.args)


def _called(called: ast.expr) -> tuple[str, str]:
    """Return the name that is called and the one before its dot: `say.many` is many of say."""
    if isinstance(called, ast.Attribute):
        return called.attr, ast.unparse(called.value).split(".")[-1]
    return ast.unparse(called), ""


def _asked(name: str, of: str, found: list[Any], where: str, given: Iterable[Any] = ()) -> Iterator[Text]:
    """Yield the texts of a call; refuse one that is put together, which no catalogue could have."""
    plural = name == "many" and of in ("say", "self")
    if (plural or name in ("say", "later")) and any(isinstance(one, ast.JoinedStr) for one in given):
        sys.exit(f"{where}: what is said is put together there; write one text, with {{names}} for what changes")
    said = [one for one in found if isinstance(one, str)]
    if name in ("say", "later", "self") and len(said) == 1 and found[0] == said[0]:
        yield Text(said[0])
    elif plural and len(said) == 2:
        yield Text(*said)


def in_template(path: Path) -> Iterator[Text]:
    """Find the texts of a template."""
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for node in tree.find_all(nodes.Call):
        called = node.node
        name, of = getattr(called, "attr", getattr(called, "name", "")), ""
        if isinstance(called, nodes.Getattr):
            of = getattr(called.node, "attr", getattr(called.node, "name", ""))
        found = [one.value if isinstance(one, nodes.Const) else None for one in node.args]
        yield from _asked(name, of, found, f"{path.relative_to(ROOT)}, line {node.lineno}")


def in_help() -> Iterator[Text]:
    """Find the texts of the commands' help."""
    from corridors.cli import COMMANDS

    ctx = main.context_class(main)
    yield from map(Text, texts(main))
    for name, (_, _, line) in COMMANDS.items():
        yield Text(line)
        command = main.get_command(ctx, name)
        assert command is not None  # noqa: S101 - it is one of COMMANDS
        yield from map(Text, texts(command))


def in_dictionary() -> Iterator[str]:
    """Find what the tables of a data package and their columns mean."""
    for table in dictionary().values():
        yield table["description"]
        yield from (field["description"] for field in table["schema"]["fields"])


def wanted() -> set[Text]:
    """Return all texts that there are."""
    found = {Text(words, context=TERM) for words in TERMS.values()} | set(in_help())
    found |= {Text(one, context=MEANING) for one in in_dictionary()}
    found |= {Text(one) for one in CLICK_PLAIN} | {Text(*pair) for pair in CLICK_COUNTED}
    for path in PACKAGE.rglob("*.py"):
        found.update(in_code(path))
    for path in PACKAGE.rglob("*.jinja"):
        found.update(in_template(path))
    return found - {Text("")}


def catalogue(code: str, found: Iterable[Text]) -> Plain:
    """Return a language's catalogue with just these texts, and the translations that its file has."""
    path = LOCALE / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    old = read_po(io.BytesIO(path.read_bytes()), locale=code) if path.exists() else Catalog(locale=code)
    made = Plain(locale=code, header_comment=f"# Texts of {DOMAIN}; kept by tools/translations.py", fuzzy=False)
    for one in sorted(found):
        identity, context = ((one.one, one.more) if one.more else one.one), one.context or None
        before = old.get(identity, context)
        new = made.add(identity, context=context)
        new.flags.clear()  # what Babel guesses of a % or a {
        if before is not None and bool(one.more) == isinstance(before.string, tuple) and any(before.string):
            new.string, new.flags = before.string, {"fuzzy"} & before.flags
    return made


def files(made: Plain) -> dict[Path, bytes]:
    """Return what a catalogue's two files hold."""
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, made, width=118, no_location=True, sort_output=True)
    write_mo(compiled, made)
    place = LOCALE / str(made.locale_identifier) / "LC_MESSAGES" / DOMAIN
    return {place.with_suffix(".po"): text.getvalue(), place.with_suffix(".mo"): compiled.getvalue()}


def untranslated(made: Plain) -> list[str]:
    """Return the texts that a catalogue has no translation for, or only one that somebody doubts."""
    return [
        str(one.id)
        for one in made
        if one.id and (one.fuzzy or not all([one.string] if isinstance(one.string, str) else one.string or [""]))
    ]


def bring_up_to_date(*, check: bool) -> int:
    """Write the catalogues, or say what would change; give the exit code."""
    found, failed = wanted(), False
    for code in PLURALS:
        made = catalogue(code, found)
        for path, content in files(made).items():
            if not path.exists() or path.read_bytes() != content:
                print(f"{path.relative_to(ROOT)}: {'out of date; run tools/translations.py' if check else 'written'}")
                failed = failed or check
                if not check:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
        for text in untranslated(made):
            print(f"{code}: not translated: {text!r}")
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(bring_up_to_date(check="--check" in sys.argv[1:]))
