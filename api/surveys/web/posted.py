"""Reading a posted form whole, with every value of a name."""

from typing import Annotated

from fastapi import Depends, Request


async def _posted(request: Request) -> dict[str, tuple[str, ...]]:
    form = await request.form()
    values: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values[name] = (*values.get(name, ()), value)
    return values


Posted = Annotated[dict[str, tuple[str, ...]], Depends(_posted)]


def last(form: dict[str, tuple[str, ...]], name: str) -> str:
    """Return the last value of a name, or an empty text."""
    return form.get(name, ("",))[-1].strip()
