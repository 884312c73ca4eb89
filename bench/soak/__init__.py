"""Hours in use: many people on several web processes and workers, with errors, times and memory."""
