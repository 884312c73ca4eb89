"""The web application: composition root and the only importer of routes."""
