"""Pages of accounts: signing in and out, one's sessions, bodies and functions, contacts from a file."""
