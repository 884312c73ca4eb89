"""The commands that run the service and keep it running."""
