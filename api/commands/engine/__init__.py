"""The commands that call the engine on files: no database, no service."""
