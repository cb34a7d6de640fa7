"""How fast `columns` is, and how that grows: measured beside yardsticks in one run, and read as ratios.

`run` is the runner (``make bench``), `cases` says what is measured, `measure` is one measurement in a process of
its own, `table` gathers them into results.csv, `report` and `plot` make docs/benchmarks.md and docs/benchmarks.svg.
"""
