"""One form for any meeting of chosen RC or posts: once, again and again, by a poll, or times to take."""
