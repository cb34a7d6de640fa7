"""A signal is heard wherever it comes, once, in one sentence: in callbacks from C, in click's own code, on a terminal.

Each command runs in a process that sends itself the signal at a known place.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from commands import run
from uncertain import SPEED, package

from corridors.cli.stopping import WORDS

PRESSING = """
    import os, signal, sys

    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background do not have it

    def press():
        os.kill(os.getpid(), int(os.environ["SIGN"]))
"""
IN_CYTHON = """
    import numpy

    load = numpy.load

    def pressed(file, *given, **named):  # by scipy's Sobol' sequences, in a function that hands on no error
        numpy.load = load
        press()
        return load(file, *given, **named)

    numpy.load = pressed
"""
WHERE_NOTHING_CAN_BE_RAISED = """
    import time, weakref
    from corridors import tables

    class Taken:
        def __del__(self):
            press()

    class Watched:
        pass

    def taken():
        Taken()

    def watched():
        one = Watched()
        kept = weakref.ref(one, lambda _: press())
        del one

    def read(*_):
        {where}()
        time.sleep(30)
        print("nobody heard it", file=sys.stderr)

    tables.read = read
"""
WHILE_IT_IS_MADE_OR_REMOVED = """
    from corridors.output import leftovers
    done = {where}

    def pressed(*given, **named):
        if ".corridors-" in str(given[0]):
            press()
        return done(*given, **named)

    {where} = pressed
"""
IN_CLICK = """
    from corridors.cli import Commands

    invoke = Commands.invoke

    def pressed(self, context):  # by click, before the command begins
        press()
        return invoke(self, context)

    Commands.invoke = pressed
"""
MAIN = """
    from corridors.cli import main
    main()
"""


def program(*parts: str) -> str:
    return "".join(textwrap.dedent(one) for one in (PRESSING, *parts, MAIN))


def stopped(script: str, sign: signal.Signals, *words: str | Path, **how: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        env=os.environ | {"SIGN": str(int(sign))},
        check=False,
        text=True,
        **(how or {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}),
    )


def one_sentence(done: subprocess.CompletedProcess[str], sign: signal.Signals) -> str:
    assert done.returncode == 128 + sign, done.stderr
    assert done.stderr.startswith(f"Error: {WORDS[sign.name]}"), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_signal_in_a_callback_that_cython_prints_and_forgets_is_one_sentence(tmp_path: Path) -> None:
    data = package(tmp_path / "data", {SPEED: ("observed", "45", "55")})
    words = ("uncertainty", "--data", data, "--samples", "2", "--indices", "none", "--quiet")
    assert "nothing is kept" in one_sentence(stopped(program(IN_CYTHON), signal.SIGINT, *words), signal.SIGINT)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["taken", "watched"])
def test_a_signal_where_nothing_can_be_raised_is_heard_all_the_same(
    sign: signal.Signals, where: str, folder: Path
) -> None:
    script = program(WHERE_NOTHING_CAN_BE_RAISED.format(where=where))
    one_sentence(stopped(script, sign, "plan", "--data", folder, "--quiet"), sign)


@pytest.mark.parametrize("where", ["leftovers._lock", "leftovers.shutil.rmtree"])
def test_a_signal_while_a_temporary_folder_is_made_or_removed_leaves_none(
    where: str, folder: Path, tmp_path: Path
) -> None:
    script = program(WHILE_IT_IS_MADE_OR_REMOVED.format(where=where))
    words = ("plan", "--data", folder, "--out", tmp_path / "plan", "--force", "--quiet")
    assert run(*words).exit_code == 0
    one_sentence(stopped(script, signal.SIGINT, *words), signal.SIGINT)
    assert [path.name for path in tmp_path.iterdir() if path != folder] == ["plan"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_click_is_at_work_is_one_sentence_without_an_empty_line(sign: signal.Signals) -> None:
    one_sentence(stopped(program(IN_CLICK), sign, "scenarios"), sign)


@pytest.mark.parametrize(("sign", "before"), [(signal.SIGINT, "\r\n"), (signal.SIGTERM, "")])
def test_on_a_terminal_the_sentence_begins_a_line_after_the_keys_that_it_shows(
    sign: signal.Signals, before: str
) -> None:
    ours, theirs = os.openpty()
    done = stopped(program(IN_CLICK), sign, "scenarios", stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    told = os.read(ours, 1000).decode()
    os.close(ours)
    assert done.returncode == 128 + sign, told
    assert told.startswith(f"{before}Error: {WORDS[sign.name]}")
    assert told.count("\n") == 1 + before.count("\n")


def test_what_nobody_raises_for_a_signal_is_told_as_ever(folder: Path) -> None:
    broken = WHERE_NOTHING_CAN_BE_RAISED.format(where="taken").replace("time.sleep(30)", "return None")
    script = program(broken.replace("press()", "print(1 / 0)"))
    done = stopped(script, signal.SIGINT, "plan", "--data", folder, "--quiet")
    assert "Exception ignored in" in done.stderr
    assert "ZeroDivisionError" in done.stderr
