"""Long work outside the web process: submit, follow, stop; the durable engine's door."""
