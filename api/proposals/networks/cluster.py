"""A dask.distributed cluster as the executor that many members are matched on."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from matcher.errors import Fault, InvalidProblemError

_log = logging.getLogger(__name__)

# A scheduler that is there answers at once; an address where nobody is takes this long to say so.
_CONNECT_SECONDS = 10
# A task whose worker is lost is tried again so many times before it is done here.
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Workers:
    """Where to work, and how many work there at once."""

    executor: Executor
    count: int


@contextmanager
def connected_or_here(address: str) -> Iterator[Workers | None]:
    """Connect as `connected` does; where that is not possible, say so in the log and work here alone."""
    with ExitStack() as stack:
        try:
            workers = stack.enter_context(connected(address))
        except InvalidProblemError as error:
            _log.warning("no cluster, solved here: %s", error)
            workers = None
        yield workers


@contextmanager
def connected(address: str) -> Iterator[Workers | None]:
    """Connect to the scheduler at an address such as `tcp://scheduler:8786`; without one, to none.

    Raises:
        InvalidProblemError: when `distributed` is not installed, or nobody answers at the address.
    """
    if not address:
        yield None
        return
    try:
        client_of: Any = import_module("distributed").Client
        host_of: Any = import_module("distributed.comm").get_address_host_port
    except ImportError as error:
        wanted = "the extra of that name: pip install 'samkrets[cluster]'"
        raise InvalidProblemError(Fault("--cluster", address, wanted)) from error
    try:
        # Asked first: a client that finds nobody leaves its closing undone, for a later line to trip on.
        socket.create_connection(host_of(address), timeout=_CONNECT_SECONDS).close()
        client = client_of(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        wanted = "a dask.distributed scheduler that answers, such as tcp://scheduler:8786"
        raise InvalidProblemError(Fault("--cluster", address, wanted)) from error
    with client:
        count = sum(client.nthreads().values())
        if not count:
            wanted = "a scheduler with at least one worker"
            raise InvalidProblemError(Fault("--cluster", address, wanted))
        yield Workers(client.get_executor(retries=_RETRIES), count)
