"""The log's page and its words."""
