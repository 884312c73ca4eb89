"""Events and their revisions: uid, sequence, and the only writer of VEVENT and VCALENDAR."""
