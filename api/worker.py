"""Second composition root: runs a queued job in a child process and records the result."""
