"""The register's forms as they were posted, boxes joined to cells."""

from starlette.datastructures import FormData

from api.registry.facts import BY_NAME


def cells_of(form: FormData) -> dict[str, str]:
    """Return the form as cells; a group of boxes is one cell, empty when none is ticked."""
    cells = {}
    for name, column in BY_NAME.items():
        if name in form or f"{name}-shown" in form:
            texts = [value for value in form.getlist(name) if isinstance(value, str)]
            cells[name] = ";".join(texts) if column.kind.is_list else "".join(texts[:1])
            own = form.get(f"{name}_own", "")
            if column.kind.is_open and isinstance(own, str) and own.strip():
                cells[name] = own
    return cells
