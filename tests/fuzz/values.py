"""Cells, numbers and words that strangers write: sound ones in other forms, and ones that nobody should take."""

from __future__ import annotations

from random import Random

CANARY = "CANARY-OF-ANOTHER-FILE"
ESCAPE, BIDI = "\x1b[31mred\x1b[0m", "a\u202egpj\u202c"

NUMBERS = (
    *("0", "-0", "1", "-1", "0.5", "1e3", "1E+3", "1.", ".5", "+7", "007", "2024.0", "1e-300", "1e300"),
    *("-1e300", "1e308", "1e999", "-1e999", "5e-324", "9" * 400, "9" * 5000, "0." + "3" * 400),
    *("123456789012345678901234567890", "1e15", "1e12", "1e9", "1e6", "inf", "-inf", "Infinity", "INF"),
    *("nan", "NaN", "NULL", "None", "N/A", "#DIV/0!", "#N/A", "-", "--1", "1,5", "6,000", "6.000,5"),
    *("1,234,567.8", "6 000", "6\u00a0000", "6\u202f000", "6'000", "1_000", "0x1F", "0b1", "1e", "e5", "50%"),
    *("$5", "5 kt", "5t", "٣", "１２", "½", "²", "−5", "1/2", "=5", "true", "false", "TRUE"),
)
DATES = ("2024-01-01", "01.12.2024", "1/2/24", "Jan-24", "2024-01-01T00:00:00Z", "45292", "12:30")
TEXTS = (
    *("", " ", "\t", "*", "|", ";", "a;b", "a|b", ";;", "nowhere", "HARBOUR", "harbour", " HARBOUR "),
    *("HARBOUR;LANDING", "Ақтау", "北京", "e\u0301", "\u200b", "\ufeff", "\u00a0", ESCAPE, "a\rb", "a\nb"),
    *("\x00", "\x07", "\x9b31m", BIDI, "\u2066x", "=1+1", "=cmd|'/c calc'!A1", "+1", "@SUM(A1)", "-x", "'"),
    *('"', '""', 'a"b', "\\", "%s", "{0}", "{{x}}", "<b>x</b>", "</script><script>1", "../../etc/passwd"),
    *("/dev/zero", "CON", "x" * 300, "x" * 40_000, "AAA", "aaa", "AAAA", "ZZZ", "rail", "Rail", "RAIL"),
    *("road", "all", "base", "kt_year", "typical"),
)


def number(rng: Random) -> str:
    """Draw a number as a text: of the odd ones, or one of a likely size."""
    if rng.random() < 0.6:
        return rng.choice(NUMBERS)
    return f"{rng.choice((1, 2, 3.7, 11, 250)) * 10.0 ** rng.randint(-6, 7):.6g}"


def cell(rng: Random) -> str:
    """Draw a cell of a table."""
    return number(rng) if rng.random() < 0.5 else rng.choice(rng.choice((TEXTS, DATES)))


def rewritten(rng: Random, text: str) -> str:
    """Write a cell in another way, which may still mean the same."""
    try:
        value = float(text)
    except ValueError:
        ways = [text.lower(), text.upper(), f" {text}", f"{text} ", f"'{text}", f"{text};", f"{text}\u00a0"]
        return rng.choice([*ways, text[:-1], text * 2])
    eastern = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    ways = [
        *(f"{value:.1f}", f"{value:e}", f"+{text}", f" {text} ", f"0{text}", f"{text}.0", f"{value:,.0f}"),
        *(f"{value:_.0f}", text.replace(".", ","), f"{text}%", f"'{text}", f"-{text}", f"{value * 10:g}"),
        *(f"{value / 3!r}", f"{value * 1.001:.12g}", f"{value + 1:g}", eastern),
    ]
    return rng.choice(ways)
