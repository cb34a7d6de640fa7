"""The data package: its dictionary, reading and writing it, and every rule that it must keep."""

from corridors.tables.csv_files import cells, csv_text
from corridors.tables.dataset import BASE, FIGURED, SEAL, Dataset, embedded, empty, read, seal_of
from corridors.tables.frame_mapping import Frames, Ordered, check_name
from corridors.tables.schema import dictionary, fields, is_numeric, key_columns, keys, number_text

__all__ = [
    "BASE",
    "FIGURED",
    "SEAL",
    "Dataset",
    "Frames",
    "Ordered",
    "cells",
    "check_name",
    "csv_text",
    "dictionary",
    "embedded",
    "empty",
    "fields",
    "is_numeric",
    "key_columns",
    "keys",
    "number_text",
    "read",
    "seal_of",
]
