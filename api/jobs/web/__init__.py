"""Pages of jobs: the newest, and one with its progress."""
