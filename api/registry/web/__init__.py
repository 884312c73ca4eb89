"""The register's pages, files and API, and the words they use."""
