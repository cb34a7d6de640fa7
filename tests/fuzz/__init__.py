"""Strangers' inputs by the thousand: a generator for each door, and judges that know the right answer otherwise.

Every input comes from a door's name, a seed and a number, so that any of them can be made again alone::

    python -m tests.fuzz --door plans --seed 1 --count 500
    python -m tests.fuzz --door plans --seed 1 --only 37 --keep /tmp/findings

`trial` runs commands and applies the rules that hold for all of them; `doors` make the inputs and hold the answers
against what they must be; `hunt` counts.
"""
