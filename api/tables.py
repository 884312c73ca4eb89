"""Imports every feature's tables, so that SQLModel's metadata is whole; for migrations and tests."""

from importlib import import_module
from pathlib import Path

FEATURES = tuple(sorted(file.parent.name for file in Path(__file__).parent.glob("*/models.py")))

for feature in FEATURES:
    import_module(f"api.{feature}.models")
