"""Small networks in the formats of others, and how they are written, read and refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from corridors.errors import DataError
from corridors.exchange import open_problem
from corridors.models import arcs
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem

PLANAR = "4\n3\n2\n1 2 5 10\n2 3 0 -1\n1 3 9 2.5\n1 3 7\n4 4 3\n"

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 6
<END OF METADATA>

~ init term capacity length time b power speed toll type ;
1 3 10 1 1 0.15 4 0 0 1 ;
3 2 10 1 1 0.15 4 0 0 1 ;
2 4 10 1 1 0.15 4 0 0 1 ;
4 1 10 1 1 0.15 4 0 0 1 ;
3 4 10 1 50 0.15 4 0 0 1 ;
4 3 10 1 1 0.15 4 0 0 1 ;
"""

TRIPS = """<NUMBER OF ZONES> 4
<TOTAL OD FLOW> 12
<END OF METADATA>

Origin 1
1 : 5.0; 2 : 3.0;
Origin 3
4 : 4.0; 3 : 0.0;
"""

GMNS = {
    "node.csv": "node_id,x_coord,y_coord,zone_id\nA,0,0,1.0\nB,1,0,\nC,2,0,2.0\nD,2,1,2.0\n",
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n"
        "1,A,B,false,30,60,50,2\n2,B,C,true,60,60,40,\n3,B,D,1,90,60,,1\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,70\n2,2,5\n1,1,6\n",
}


def packed(data: bytes) -> bytes:
    """Return the bytes packed by gzip, the same whenever it is done."""
    return gzip.compress(data, mtime=0)


def put(path: Path, content: str | bytes, *, pack: bool = False) -> Path:
    """Write a file, packed by gzip if asked for, and return its path."""
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(packed(data) if pack else data)
    return path


def tntp(folder: Path, net: str = NET, trips: str = TRIPS) -> Path:
    """Write a TNTP network with its trips, and return the path of the network."""
    put(folder / "town_trips.tntp", trips)
    return put(folder / "town_net.tntp", net)


def gmns(folder: Path, **changed: str) -> Path:
    """Write a GMNS network, with the tables of `changed` in place of its own, and return its folder."""
    for name, content in (GMNS | {f"{name}.csv": content for name, content in changed.items()}).items():
        put(folder / name, content)
    return folder


def sentence(path: Path) -> str:
    """Return the one sentence that refuses a file."""
    with pytest.raises(DataError) as caught:
        open_problem(path)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 500
    return said


def read_or_said(path: Path) -> bool:
    """Tell whether a file is read, or refused in one line; any other error escapes."""
    try:
        return isinstance(open_problem(path), FlowProblem)
    except DataError as error:
        return "\n" not in str(error)


def same(one: FlowProblem, other: FlowProblem) -> bool:
    """Tell whether two problems are equal in every array."""
    names = ("tail", "head", "cost", "origin", "destination", "class_", "amount", "penalty", "capacity")
    return (
        one.node_count == other.node_count
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
        and one.usage.shape == other.usage.shape
        and (one.usage != other.usage).nnz == 0
    )


def cost_of(problem: FlowProblem) -> float:
    """Return the least cost of a problem, certified."""
    solution = arcs.solve(problem)
    certificate = certify(problem, solution)
    assert certificate.holds, certificate.reasons
    return certificate.primal_objective
