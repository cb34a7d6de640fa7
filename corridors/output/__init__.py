"""Files and folders written whole or not at all, with text that no spreadsheet takes for a formula."""

from corridors.output.atomic import filling, new_file, new_folder, refuse_file, refuse_folder
from corridors.output.safe_texts import csv_text, own_text, printable, safe_text
from corridors.output.temporary import TemporaryFolder, clear_temporary

__all__ = [
    "TemporaryFolder",
    "clear_temporary",
    "csv_text",
    "filling",
    "new_file",
    "new_folder",
    "own_text",
    "printable",
    "refuse_file",
    "refuse_folder",
    "safe_text",
]
