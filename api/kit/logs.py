"""Logs as one JSON object a line; secrets in addresses are cut out before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses whose second part is a secret, beside the calendars'; a test reads them from the routes.
SECRET_PATHS = frozenset(
    {
        *("logga-in", "demo", "enkat", "utvardering", "svar", "tid", "traffades", "puls"),
        *("leda", "besok", "stammer", "fraga"),
    }
)
# /feeds/abc.ics, /demo/logga-in/abc, /en/enkat/abc ...: the part after the word is a secret.
SECRET = re.compile(
    rf"(/(?:feeds|{'|'.join(sorted(SECRET_PATHS - {'demo'}))})/)[A-Za-z0-9_\-.]{{8,}}"
)

# A key of the API, wherever it stands: api.accounts.keys.PREFIX.
KEY = re.compile(r"(samkrets_)[A-Za-z0-9_\-]{20,}")

# What PostgreSQL adds to a fault: the row or the key, which may be about people.
DETAIL = re.compile(r"DETAIL:.*?(?=\n\[SQL|\n\n|\Z)", re.DOTALL)


def without_secrets(text: str) -> str:
    """Return a text with the secrets of addresses replaced by an ellipsis."""
    return DETAIL.sub("DETAIL: …", SECRET.sub(r"\1…", KEY.sub(r"\1…", text)))


def _cut_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_secrets(value)
    return event


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send every log line of the process to standard error."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _cut_secrets,
    ]
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).propagate = True
