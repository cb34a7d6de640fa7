"""What a stranger's network may be, packed to burst or full of claims: readers neither hang nor fill the memory."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from networks import GMNS, NET, TRIPS, gmns, put, sentence, tntp

from corridors.exchange import csv_tables, open_problem

READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from corridors.errors import DataError
from corridors.exchange import open_problem
try:
    open_problem(sys.argv[1])
except DataError as error:
    print(error)
"""
BOMB = 80_000_000  # bytes, unpacked


def refused(path: Path) -> str:
    """Read what may be hostile, in a process of limited memory and time."""
    done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.count("\n") == 1, done.stdout
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "head", "unit"),
    [
        ("a", b"", b"1\n"),
        ("a", b"9\n90000000\n1\n", b"1 2 3 4\n"),
        ("a", b"1\n1\n1\n", b"\n"),
        ("town_net.tntp", NET.split("\n\n")[0].encode() + b"\n", b"1 3 10 1 1 0.15 4 0 0 1 ;\n"),
        ("town_trips.tntp", b"<END OF METADATA>\nOrigin 1\n", b"1:1;"),
        ("town_net.tntp", b"", b"<A> 1\n"),
        ("link.csv", GMNS["link.csv"].split("\n")[0].encode() + b"\n", b"1,A,B,0,1,1,1,1\n"),
        ("link.csv", b"from_node_id", b",b"),
        ("demand.csv", b"o_zone_id,d_zone_id,volume\n", b"1,2,7\n"),
    ],
    ids=["counts", "arcs", "blanks", "links", "trips", "tags", "rows", "columns", "demands"],
)
def test_a_file_packed_to_burst_is_refused_at_once(tmp_path: Path, name: str, head: bytes, unit: bytes) -> None:
    tntp(tmp_path)
    folder = gmns(tmp_path) if name.endswith(".csv") else tmp_path
    put(tmp_path / name, head + unit * (BOMB // len(unit)), pack=True)
    named = {"a": tmp_path / "a", "link.csv": folder, "demand.csv": folder}.get(name, tmp_path / "town_net.tntp")
    assert "unpacks to more than 100 times its size" in refused(named)


def test_what_packs_well_but_is_small_is_read(tmp_path: Path) -> None:
    content = b"2\n200000\n1\n" + b"1 2 3 4\n" * 200_000 + b"1 2 1\n"
    path = put(tmp_path / "a", content, pack=True)
    assert len(content) > 100 * path.stat().st_size
    assert open_problem(path).arc_count == 200_000


@pytest.mark.parametrize("count", ["9" * 15, "1e300", "4294967296"])
def test_counts_are_only_claims(tmp_path: Path, count: str) -> None:
    for line in range(3):
        lines = ["4", "3", "2", "1 2 5 10", "2 3 0 -1", "1 3 9 2.5", "1 3 7", "4 4 3"]
        lines[line] = count
        assert sentence(put(tmp_path / "a", "\n".join(lines) + "\n"))
    for tag in ("NODES> 4", "LINKS> 6", "NODE> 3", "ZONES> 2"):
        net = NET.replace(tag, f"{tag.split('>')[0]}> {count}")
        if tag != "ZONES> 2":  # of which the network file is not asked
            assert sentence(tntp(tmp_path, net))
    assert sentence(tntp(tmp_path, NET, TRIPS.replace("ZONES> 4", f"ZONES> {count}")))


def test_a_table_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gmns(tmp_path)
    monkeypatch.setattr(csv_tables, "MOST_CELLS", 20)
    assert "link.csv: found more than 20 cells" in sentence(tmp_path)


@pytest.mark.parametrize("name", ["node.csv", "link.csv", "demand.csv", "config.csv"])
def test_rows_that_are_not_finished_are_one_sentence(tmp_path: Path, name: str) -> None:
    gmns(tmp_path)
    put(tmp_path / name, (GMNS.get(name) or "long_length,speed\n") + '"' + "x" * 200_000)
    assert name in sentence(tmp_path)


def test_a_damaged_gzip_file_says_so_however_it_is_called(tmp_path: Path) -> None:
    gmns(tmp_path)
    put(tmp_path / "link.csv", gzip.compress(GMNS["link.csv"].encode(), mtime=0)[:-9])
    assert "breaks off" in sentence(tmp_path)
