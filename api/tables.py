"""Imports every feature's tables, so that SQLModel's metadata is whole; for migrations and tests."""

from importlib import import_module
from pathlib import Path

SERVICE = Path(__file__).parent
FEATURES = tuple(
    sorted(".".join(file.parent.relative_to(SERVICE).parts) for file in SERVICE.rglob("models.py"))
)

for feature in FEATURES:
    import_module(f"api.{feature}.models")
