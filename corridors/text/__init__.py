"""Texts for people: languages, words for codes, names, reasons and progress."""
