"""Texts that a spreadsheet would take for formulas: made harmless on the way out, plain again on the way in."""

# OWASP's list for CSV injection, full width too.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that looks so gets an apostrophe."""
    return f"'{text}" if text.startswith(_STARTS) else text


def plain(cell: str) -> str:
    """Take off the apostrophe that `harmless` put before a text."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_STARTS) else cell
