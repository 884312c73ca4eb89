"""A connection's own time limit: request headers that do not come whole end it."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 20.0


class TimedProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on whoever holds a connection without ever finishing a request's headers.

    What comes after the headers is timed by `api.kit.doors`, and waiting between two requests by uvicorn.
    """

    headers_s = HEADERS_S
    _headers_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting once a request has begun; wait again for the rest of a half one."""
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
        elif self._headers_due is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the wait."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._headers_due = self.loop.call_later(self.headers_s, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _hang_up(self) -> None:
        self._headers_due = None
        if not self._is_answering():
            self.transport.close()
