"""Draw the pictures that README and documentation show, from a fresh plan: ``python tools/pictures.py [DIR]``."""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[1]
PICTURES = ("home-map.png", "comparison.svg", "bottlenecks.svg", "flows.svg", "corridors.svg")


def draw(folder: Path) -> None:
    """Plan the embedded network with the commands that users have, and draw each picture of the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        corridors("plan", "--quiet", "--out", f"{work}/plan")
        for picture in PICTURES:
            corridors("chart", f"{work}/plan", Path(picture).stem, "-o", str(folder / picture), "--force")


def corridors(*words: str) -> None:
    """Run a command, in English whatever the environment says."""
    command = [sys.executable, "-m", "corridors", *words, "--lang", "en"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "docs" / "pictures")
