"""A list of the API a part at a time: `limit` and `offset`, with links to the other parts (RFC 8288)."""

from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

MOST = 500
_T = TypeVar("_T")


class Paging:
    """Which part of a list is asked for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = MOST,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many to skip.")] = 0,
    ) -> None:
        self._request, self._response = request, response
        self._limit, self._offset = limit, offset

    def part(self, items: Sequence[_T]) -> Sequence[_T]:
        """Return the part, and say in the answer's headers how many there are and where the others stand."""
        self._response.headers["X-Total-Count"] = str(len(items))
        links = []
        if self._offset + self._limit < len(items):
            links.append(self._link("next", self._offset + self._limit))
        if self._offset:
            links.append(self._link("prev", max(0, self._offset - self._limit)))
        if links:
            self._response.headers["Link"] = ", ".join(links)
        return items[self._offset : self._offset + self._limit]

    def _link(self, relation: str, offset: int) -> str:
        asked = {**self._request.query_params, "limit": self._limit, "offset": offset}
        return f'<{self._request.url.path}?{urlencode(asked)}>; rel="{relation}"'


Paged = Annotated[Paging, Depends()]
