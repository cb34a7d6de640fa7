"""Libraries that take long to import, and are not imported before they are used."""

HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "networkx",
    "pulp",
    "highspy",
    "geographiclib",
    "rapidfuzz",
    "rich",
    "numba",
    "distributed",
    "altair",
    "babel",
    "jinja2",
    "vl_convert",
    "xlsxwriter",
    "geopandas",
)
