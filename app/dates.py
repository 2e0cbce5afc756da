"""Moments of the journal as a person reads them."""

from datetime import datetime


def when(moment: str) -> str:
    """Say when something was, in local time: the hour today, else the day, too.

    Parameters
    ----------
    moment : str
        UTC, ISO 8601.
    """
    local = datetime.fromisoformat(moment).astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
