"""The commands behind `samkrets`, one module each; `api.cli` puts them together."""
