"""How long an event is in calendars: from two years ahead, and for a while after it was or was called off."""

from datetime import date, datetime, timedelta

from api.kit.clock import to_local

BACK = timedelta(days=90)
AHEAD = timedelta(days=731)  # 24 months
CANCELLED_STAYS = timedelta(days=30)
CANCELLED_STAYS_AFTER_ITS_DATE = timedelta(days=7)


def stay(first: date, last: date, cancelled_at: datetime | None) -> tuple[date, date]:
    """Return the first day on which an event is in a calendar, and the first on which it is not."""
    leaves = last + BACK
    if cancelled_at is not None:
        told = to_local(cancelled_at).date() + CANCELLED_STAYS
        leaves = max(told, last + CANCELLED_STAYS_AFTER_ITS_DATE)
    return first - AHEAD, leaves + timedelta(days=1)
