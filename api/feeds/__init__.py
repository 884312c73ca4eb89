"""Calendars that programs subscribe to: what is in them, who holds their secret addresses, stored bytes."""
