"""Pages of rounds at tables: ask for them, look at them, print them, and book them."""
