"""`corridors verify`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.errors import Sentence
from corridors.cli.options import Output, data_option, output_options, shown_plan
from corridors.cli.streams import echo

if TYPE_CHECKING:
    from corridors.planning.proving import Verification
    from corridors.text.language import Language


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@data_option()
@shown_plan()
@output_options()
def verify(plan: Path, folder: Path | None, scenarios: tuple[str, ...], to: Output) -> None:
    """Prove a plan folder anew, and every figure in it.

    PLAN is a folder that corridors plan --out wrote. Its network is built from the data, the problem posed again, and
    the routes and prices of the folder taken for an answer that nobody vouches for: balance, capacities, cost and bound
    are counted anew, every table and every total is recomputed from them and compared, and the ends of shadow prices
    are found by solving again. Exit code 0: proven. 2: refused, with what was found and expected.
    """
    from corridors.cli.tables import Answer, deliver
    from corridors.planning import plan_folder
    from corridors.sheets import answers

    found = plan_folder.verified(plan, folder, scenarios)
    deliver(Answer(text=lambda: _text(found, to.say), book=lambda: answers.of_verification(found, plan)), to)
    if not found.holds:
        failed = [check.check for check in found.checks if not check.holds]
        raise Sentence(f"{plan} is not proven: {', '.join(failed)}; plan anew")


def _text(found: Verification, say: Language) -> None:
    from corridors.cli.tables import table

    lines = [
        [
            check.check,
            say("holds") if check.holds else say("FAILS"),
            _figure(check.figure),
            _figure(check.allowed),
            check.detail,
        ]
        for check in found.checks
    ]
    columns = [say("check"), say("verdict"), say("off by"), say("allowed"), say("what was counted")]
    table(say("What the folder shows, recomputed"), columns, lines, right=(2, 3))
    if found.holds:
        echo(say("Proven: every figure of this folder but how, when and with what it was made."))


def _figure(value: float) -> str:
    """Write a deviation in a few digits; nothing where there is none to be told."""
    return "" if math.isnan(value) else f"{value:.1e}"
