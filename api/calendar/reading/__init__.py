"""Other people's calendars (RFC 5545) through one door: uploaded files, standing meetings and replies."""
