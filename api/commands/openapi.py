"""`samkrets openapi`: the API's description, as the service gives it at /openapi.json."""

import json
import sys
import tempfile
from pathlib import Path


def openapi() -> None:
    """Print the OpenAPI document of the service; needs no database."""
    from api.app import create_app  # noqa: PLC0415 - the service loads slowly
    from api.kit.settings import Settings  # noqa: PLC0415 - the same

    with tempfile.TemporaryDirectory() as folder:
        made = create_app(Settings(database="sqlite://", data=Path(folder)))
        document = made.openapi()
        made.state.database.close()
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
