"""Bodies, functions and people; sign-in; roles; the one policy for pages, API, exports and feeds."""
