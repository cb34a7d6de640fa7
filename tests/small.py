"""A tiny complete data package for tests: six places, three countries, two gauges, a road and a sea route.

    HARBOUR ==1435== EASTGATE =(gauge)=1520== DRYPASS ==1520== MIDTOWN ==1520== LANDING      rail
                     EASTGATE ----------------DRYPASS ---------MIDTOWN ---------LANDING      road
    HARBOUR ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~LANDING      deep sea

HARBOUR and EASTGATE lie in AAA, DRYPASS, MIDTOWN and STEPPE in BBB, LANDING in CCC. The base year is 2024;
a second track DRYPASS - MIDTOWN opens in 2026, and both tracks share the pool `pass`. STEPPE hangs on a road
only, so freight by rail changes to lorries at MIDTOWN.
"""
# ruff: noqa: E501 - aligned tables are wider than code

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

Row = dict[str, str]
Tables = dict[str, list[Row]]

DICTIONARY = json.loads(
    (Path(__file__).parents[1] / "corridors" / "data" / "datapackage.json").read_text(encoding="utf-8")
)
SCHEMAS = {resource["name"]: resource["schema"] for resource in DICTIONARY["resources"]}

TABLES = {
    "nodes": """
        node     name_en  country lat   lon    kind                                aliases
        HARBOUR  Harbour  AAA     34.7  119.2  seaport;rail_station;city           Haven;Port_East
        EASTGATE Eastgate AAA     45.17 82.57  rail_station;border_rail;gauge_change .
        DRYPASS  Drypass  BBB     45.25 82.49  rail_station;border_rail;border_road .
        MIDTOWN  Midtown  BBB     51.1  71.4   rail_station;city                   .
        STEPPE   Steppe   BBB     50    70     city                                .
        LANDING  Landing  CCC     53.5  10     seaport;rail_station;city           .
    """,
    "links": """
        link                       from_node to_node  mode     country gauge_mm km    speed_kmh hours_fixed capacity capacity_unit   pool usd_per_t both_ways year_open through
        rail:HARBOUR-EASTGATE      HARBOUR   EASTGATE rail     AAA     1435     4100  50        0           20       train_pairs_day .    0         1         .         .
        rail:EASTGATE-DRYPASS      EASTGATE  DRYPASS  rail     BBB     1520     12    30        1           16       train_pairs_day .    0         1         .         .
        rail:DRYPASS-MIDTOWN       DRYPASS   MIDTOWN  rail     BBB     1520     1350  40        0           12       train_pairs_day pass 0         1         .         .
        rail:DRYPASS-MIDTOWN:two   DRYPASS   MIDTOWN  rail     BBB     1520     1350  60        0           40       train_pairs_day pass 0         1         2026      .
        rail:MIDTOWN-LANDING       MIDTOWN   LANDING  rail     CCC     1520     4900  45        0           30       train_pairs_day .    0         1         .         DDD
        road:EASTGATE-DRYPASS      EASTGATE  DRYPASS  road     BBB     .        12    .         0           400      lorries_day     .    0         1         .         .
        road:DRYPASS-MIDTOWN       DRYPASS   MIDTOWN  road     BBB     .        1300  60        0           7000     lorries_day     .    2         1         .         .
        road:STEPPE-MIDTOWN        STEPPE    MIDTOWN  road     BBB     .        190   .         0           7000     lorries_day     .    0         1         .         .
        road:MIDTOWN-LANDING       MIDTOWN   LANDING  road     CCC     .        4800  .         0           7000     lorries_day     .    0         1         .         DDD
        deep_sea:HARBOUR-LANDING   HARBOUR   LANDING  deep_sea INT     .        20500 .         24          inf      .               .    8         1         .         .
    """,
    "terminals": """
        terminal                 kind    node     from_mode to_mode  from_gauge_mm to_gauge_mm cargo     hours hours_best usd_per_t usd_per_teu kgco2e_per_t capacity capacity_unit   pool both_ways year_open
        load:rail                load    *        .         rail     .             .           *         24    12         3         .           1            inf      .               .    0         .
        load:road                load    *        .         road     .             .           *         6     4          3         .           1            inf      .               .    0         .
        load:deep_sea            load    *        .         deep_sea .             .           *         48    24         5         .           1            inf      .               .    0         .
        unload:rail              unload  *        rail      .        .             .           *         24    12         3         .           1            inf      .               .    0         .
        unload:road              unload  *        road      .        .             .           *         6     4          3         .           1            inf      .               .    0         .
        unload:deep_sea          unload  *        deep_sea  .        .             .           *         48    24         5         .           1            inf      .               .    0         .
        tranship:HARBOUR         tranship HARBOUR rail      deep_sea .             .           container 48    24         .         90          2            900000   teu_year        .    1         .
        tranship:LANDING         tranship LANDING rail      deep_sea .             .           *         48    24         6         .           2            20000    kt_year         .    1         .
        tranship:MIDTOWN         tranship MIDTOWN rail      road     .             .           *         12    8          4         .           2            5000     kt_year         .    1         .
        gauge:EASTGATE           gauge   EASTGATE rail      rail     1435          1520        *         20    8          4         .           1            14       train_pairs_day .    1         .
        gauge:EASTGATE:container gauge   EASTGATE rail      rail     1435          1520        container 16    6          .         60          1            16       train_pairs_day .    1         .
        border:DRYPASS           border  DRYPASS  rail      rail     .             .           *         10    5          1         .           0            16       train_pairs_day .    1         .
    """,
    "borders": """
        country_a country_b mode     hours hours_best usd_per_t
        AAA       BBB       road     30    12         4
        *         *         road     12    6          2
        *         *         rail     8     4          1
        *         *         deep_sea 0     0          0
    """,
    "pools": """
        pool year_open name_en      capacity capacity_unit
        pass 2024      The_pass     14       train_pairs_day
        pass 2026      The_pass     36       train_pairs_day
    """,
    "corridors": """
        corridor mode name_en
        R1       rail East_-_West
        H1       road Gate_road
    """,
    "corridor_links": """
        corridor seq link
        R1       1   rail:HARBOUR-EASTGATE
        R1       2   rail:EASTGATE-DRYPASS
        R1       3   rail:DRYPASS-MIDTOWN
        R1       4   rail:MIDTOWN-LANDING
        H1       1   road:EASTGATE-DRYPASS
        H1       2   road:DRYPASS-MIDTOWN
    """,
    "shapes": """
        link                    seq lat lon
        deep_sea:HARBOUR-LANDING 1  10  100
        deep_sea:HARBOUR-LANDING 2  0   60
    """,
    "modes": """
        mode     running speed_kmh speed_factor usd_per_tkm gco2e_per_tkm
        rail     typical 40        1            0.02        20
        rail     best    60        1.4          0.018       18
        road     typical 50        1            0.08        90
        road     best    65        1.2          0.07        80
        deep_sea typical 28        1            0.002       6
        deep_sea best    40        1            0.002       8
    """,
    "tariffs": """
        tariff             mode cargo     country usd_per_km per
        rail:container     rail container .       0.4        TEU
        rail:container:BBB rail container BBB     0.5        TEU
    """,
    "emissions": """
        mode country gco2e_per_tkm
        rail CCC     9
    """,
    "commodities": """
        commodity      name_en         cargo     modes              usd_per_t_day t_per_teu
        container_high Dear_containers container rail;road;deep_sea 10            9
        grain          Grain           bulk      rail;deep_sea      0.3           .
        general        General_goods   general   rail;road          3             .
    """,
    "loads": """
        capacity_unit   commodity      t_per_unit_year
        train_pairs_day container_high 1000000
        train_pairs_day *              1558000
        lorries_day     *              5475
        kt_year         *              1000
    """,
    "choice": """
        cargo     commodity tau nesting elasticity
        container *         20  3       .
        bulk      *         15  2       -0.1
        *         *         10  1       .
    """,
    "delays": """
        delay    kind         mode capacity_unit limit           hours hours_per_hour power linear_share
        line     move         rail *             .               0     0.5            4     0.02
        street   move         road *             .               0     0.15           4     0.02
        gate     border;gauge *    *             .               12    0              6     0.02
        eastgate *            *    *             gauge:EASTGATE  30    0              6     0.05
    """,
    "means": """
        means name_en modes              via_modes via_nodes avoid
        sea   By_sea  deep_sea;rail;road deep_sea  .         .
        rail  By_rail rail               .         MIDTOWN   .
    """,
    "totals": """
        total   name_en              kt   year published unit
        transit Containers_in_transit 4000 2024 4         Mt/y
    """,
    "splits": """
        total   split origin  destination commodity      share reservation_usd_per_t avoid
        transit west  HARBOUR LANDING     container_high 0.75  400                   .
        transit east  LANDING HARBOUR     container_high 0.25  400                   DDD
    """,
    "demand": """
        demand       origin  destination commodity      kt   reservation_usd_per_t avoid year total
        transit:west HARBOUR LANDING     container_high 3000 400                   .     2024 transit
        transit:east LANDING HARBOUR     container_high 1000 400                   DDD   2024 transit
        grain:export MIDTOWN LANDING     grain          6000 250                   .     2024 .
        goods:import LANDING STEPPE      general        800  900                   .     2024 .
    """,
    "projects": """
        project  step name_en        mode table     key                     column   change musd year_start year_finish
        crane    1    A_second_crane rail terminals gauge:EASTGATE          capacity +8     35   2024       2026
        widening 1    A_wider_gate   rail links     rail:EASTGATE-DRYPASS   capacity =30    120  2025       2028
        track    1    Second_track   rail links     rail:DRYPASS-MIDTOWN:two .       open   900  2022       2026
    """,
    "references": """
        reference kind     origin  destination what              value unit low   high  year covered modes     commodity      running measure
        far       distance HARBOUR LANDING     Railway_distance  10400 km   10000 10900 2024 1       rail      container_high typical km
        slow      time     HARBOUR LANDING     Days_by_sea       33    days 28    40    2024 1       deep_sea  container_high typical days
    """,
}

OBSERVATIONS = """
    observation name_en              kind      where                                       origin_countries destination_countries trade          direction       mode      commodities    value unit            begin      end        sd   use  part_of
    gate        Gate_both_ways       crossing  rail:EASTGATE-DRYPASS;road:EASTGATE-DRYPASS .                .                     .              .               .         .              4500  kt              2024-01-01 2024-12-31 500  fit  .
    gate:west   Gate_to_the_west     crossing  rail:EASTGATE-DRYPASS                       .                .                     .              AAA>BBB         .         .              3000  kt              2024-01-01 2024-12-31 400  fit  gate
    gate:place  All_over_the_gate    crossing  DRYPASS                                     .                .                     .              .               .         .              4600  kt              2024-01-01 2024-12-31 500  test .
    gate:trains Trains_at_the_gate   link      rail:EASTGATE-DRYPASS                       .                .                     .              EASTGATE>DRYPASS .        .              3     train_pairs_day 2024-01-01 2024-06-30 0.5  fit  .
    gauge       Boxes_lifted         link      gauge:EASTGATE:container                    .                .                     .              .               .         .              400   kteu            2024-01-01 2024-12-31 40   test .
    main        Main_line            corridor  R1                                          .                .                     .              .               .         .              5000  kt              2024-01-01 2024-12-31 900  fit  .
    main:work   Work_of_the_line     corridor  R1                                          .                .                     .              .               .         .              60000 mtkm            2024-01-01 2024-12-31 9000 fit  .
    rail        Rail_at_home         mode      .                                           .                .                     .              .               rail      .              7000  kt              2024-01-01 2024-12-31 2000 fit  .
    rail:half   Rail_of_half_a_year  mode      .                                           .                .                     .              .               rail      .              3400  kt              2024-01-01 2024-06-30 1000 fit  rail
    rail:work   Rail_work_at_home    mode      .                                           .                .                     .              .               rail      .              9000  mtkm            2024-01-01 2024-12-31 2000 test .
    lorries     Lorries_on_the_road  mode      .                                           .                .                     import;export  .               road      general        50000 lorries         2024-01-01 2024-03-31 9000 fit  .
    a-c         Out_of_A             pair      .                                           AAA              !BBB                  .              .               .         .              3000  kt              2024-01-01 2024-12-31 200  fit  .
    grain       Grain_of_Midtown     commodity MIDTOWN                                     .                .                     export         .               .         grain          6000  kt              2024-01-01 2024-12-31 600  test .
    port        Through_the_port     port      LANDING                                     *                .                     .              .               deep_sea  .              900   kt              2024-01-01 2024-12-31 300  fit  .
    boxes       Boxes_in_transit     market    transit                                     .                .                     transit        .               .         .              440   kteu            2024-01-01 2024-12-31 50   fit  .
    before      Gate_a_year_before   crossing  rail:EASTGATE-DRYPASS                       .                .                     .              .               .         .              4000  kt              2023-01-01 2023-12-31 400  test .
"""


def small_tables() -> Tables:
    """Return the rows of every table, provenance and sources included, as text; blank columns are left out."""
    tables = {name: _rows(text) for name, text in TABLES.items()}
    tables["provenance"] = [row for name in TABLES for line in tables[name] for row in _provenance_rows(name, line)]
    tables["sources"] = [{"source": "invented", "citation": "Invented for the tests"}]
    return tables


def small_dataset(folder: Path, changes: Mapping[str, list[Row]] | None = None) -> Path:
    """Write the data package into `folder`, with the tables of `changes` in place of its own; give `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**small_tables(), **(changes or {})}.items():
        write_table(folder, name, rows)
    package = {"name": "small", "profile": "tabular-data-package", "base_year": 2024, "resources": []}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


def write_table(folder: Path, name: str, rows: list[Row]) -> None:
    """Write one table with every column of the dictionary."""
    columns = [field["name"] for field in SCHEMAS[name]["fields"]]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def observed(folder: Path, home: str = "BBB") -> Path:
    """Put what was counted into a written package, with any provenance, and name the home country; give `folder`."""
    lines = _rows(OBSERVATIONS)
    write_table(folder, "observations", lines)
    if (folder / "provenance.csv").exists():
        told = [row for line in lines for row in _provenance_rows("observations", line)]
        write_table(folder, "provenance", [*read_rows(folder, "provenance"), *told])
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "datapackage.json").write_text(json.dumps(package | {"home_country": home}), encoding="utf-8")
    return folder


def edit(folder: Path, name: str, row: int, **cells: str) -> None:
    """Change cells of a written table; `row` counts as a spreadsheet does: 2 is the first below the header."""
    rows = read_rows(folder, name)
    rows[row - 2].update(cells)
    write_table(folder, name, rows)


def append(folder: Path, name: str, **cells: str) -> None:
    """Add one row to a written table; columns not given stay blank."""
    write_table(folder, name, [*read_rows(folder, name), cells])


def extend(folder: Path, name: str, text: str) -> None:
    """Add the rows of an aligned text, written as those of `TABLES`, to a written table."""
    write_table(folder, name, [*read_rows(folder, name), *_rows(text)])


def add_demand(folder: Path, name: str, ends: str, commodity: str, kt: int, penalty: int, **others: str) -> None:
    """Add a demand of 2024 between two places, written ORIGIN-DESTINATION, that is left for a penalty in USD/t."""
    origin, destination = ends.split("-")
    cells = {"demand": name, "origin": origin, "destination": destination, "commodity": commodity, "kt": f"{kt}"}
    append(folder, "demand", **cells, reservation_usd_per_t=f"{penalty}", year="2024", **others)


def cells_of(text: str) -> Row:
    """Return the cells that a text names as `column=value`, parted by blanks."""
    return dict(cell.split("=", 1) for cell in text.split())


def read_rows(folder: Path, name: str) -> list[Row]:
    """Read a written table as rows of text; one that was not written has none."""
    if not (folder / f"{name}.csv").exists():
        return []
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _rows(text: str) -> list[Row]:
    """Turn an aligned text into rows: `.` is a blank cell, `_` a blank in a name."""
    header, *lines = (line.split() for line in text.strip().splitlines())
    spaced = {"name_en", "what", "aliases"}
    return [
        {
            column: cell.replace("_", " ") if column in spaced else cell
            for column, cell in zip(header, line, strict=True)
            if cell != "."
        }
        for line in lines
    ]


def _provenance_rows(name: str, line: Row) -> list[Row]:
    key = "|".join(line[column] for column in SCHEMAS[name]["primaryKey"])
    rows = []
    for field in SCHEMAS[name]["fields"]:
        cell = line.get(field["name"], "")
        if field["type"] == "string" or not cell or field.get("provenance") is False:
            continue
        rows.append(
            {
                "table": name,
                "key": key,
                "column": field["name"],
                "status": "assumed",
                "low": cell,
                "high": cell,
                "source": "invented",
            }
        )
    return rows
