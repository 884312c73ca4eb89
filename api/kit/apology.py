"""What an operator is told when the database, a file or a setting fails: one line that says what to do.

Only what the machine or a setting causes is told like this; a fault of our own keeps its traceback.
"""

import sqlite3

from pydantic import ValidationError
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)

from api.kit.db import reason

FAULT, BAD_INPUT = 1, 2
# What SQLite says when it is the machine that fails, by its primary result code.
_MACHINE = {
    5: "another process holds its lock",
    6: "another process holds its lock",
    8: "it is read-only for this user",
    10: "the disk fails",
    13: "the disk is full",
    14: "it cannot be opened",
}
_DAMAGED = {11, 26}


def is_away(error: BaseException) -> bool:
    """Return whether the database does not answer now but may soon: away, busy, read-only or without space."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = _code(error)
    if code is not None:
        return code in _MACHINE
    return type(error.orig).__module__.startswith("psycopg") and _is_operational(error.orig)


def in_one_line(error: BaseException) -> str:
    """Return the line, or an empty text for what is a fault of our own."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"SAMKRETS_{str(fault['loc'][0]).upper() if fault['loc'] else ''}: {fault['msg']}"
            for fault in error.errors()
        )
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "SAMKRETS_DATABASE is no database's URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
    if isinstance(error, sqlite3.Error | DBAPIError):
        return _of_database(error)
    if isinstance(error, SQLAlchemyError):
        return f"The database cannot be used: {reason(error)}"
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'}: {error.strerror or error}"
    return ""


def exit_code(error: BaseException) -> int:
    """Return 2 for a setting that cannot be used, else 1."""
    return BAD_INPUT if isinstance(error, ValidationError | ArgumentError) else FAULT


def _of_database(error: sqlite3.Error | DBAPIError) -> str:
    code = _code(error)
    if code in _MACHINE:
        return f"The database cannot be used: {_MACHINE[code]} ({reason(error)})."
    if code in _DAMAGED:
        return f"The database file is damaged ({reason(error)}): restore the newest good backup with `samkrets restore`."
    if is_away(error):
        return f"The database does not answer: {reason(error)}"
    return f"The database cannot be read ({reason(error)}): run `samkrets migrate`, then `samkrets doctor`."


def _code(error: sqlite3.Error | DBAPIError) -> int | None:
    """Return SQLite's primary result code."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _is_operational(cause: BaseException | None) -> bool:
    return any(
        kind.__name__ in {"OperationalError", "InterfaceError"} for kind in type(cause).__mro__
    )
