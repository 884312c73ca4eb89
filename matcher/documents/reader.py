"""Reads one document: collects every fault by its path, so that all are told at once."""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from matcher.documents.fields import day_of, moment_of, read_what_can_be, time_of, under
from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError

Json = Mapping[str, Any]
T = TypeVar("T")


class Reader:
    """Collects the faults of one document that its schema cannot see."""

    MOST = 50

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, value: object, expected: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(where, shown(value), expected))

    def finish(self) -> None:
        """Raise what was collected.

        Raises:
            InvalidProblemError: when any fault was noted.
        """
        if self.faults:
            raise InvalidProblemError(*self.faults[: self.MOST])

    def value(self, where: str, read: Callable[[], T], otherwise: T) -> T:
        """Return what can be read; a fault gives another value."""
        try:
            return read()
        except InvalidProblemError as error:
            self.faults += under(where, error.faults)
            return otherwise

    def fields(self, record: type[Any], where: str, item: Json) -> dict[str, Any]:
        """Return the arguments that make a record from an object, without those that are faults."""
        found, faults = read_what_can_be(record, item)
        self.faults += under(where, faults)
        return found

    def day(self, where: str, text: str) -> date:
        """Read a local date; a fault gives the first day there is."""
        return self.value(where, lambda: day_of(text), date.min)

    def time(self, where: str, text: str) -> datetime:
        """Read a local clock time; a fault gives the first moment there is."""
        return self.value(where, lambda: time_of(text), datetime.min)  # noqa: DTZ901 - local clock time by design

    def moment(self, where: str, text: str) -> date | datetime:
        """Read a local date or a local clock time."""
        return self.value(where, lambda: moment_of(text), date.min)

    def unique(self, where: str, items: Iterable[Json]) -> set[str]:
        """Return the ids of a list, noting each that comes twice."""
        first: dict[str, int] = {}
        for number, item in enumerate(items):
            if item["id"] in first:
                expected = f"an id of its own; {where}[{first[item['id']]}] has it already"
                self.fault(f"{where}[{number}].id", item["id"], expected)
            first.setdefault(item["id"], number)
        return set(first)

    def known(self, where: str, names: str | Iterable[str], of: Container[str], what: str) -> bool:
        """Note each name that is not among the known ones; tell whether all are."""
        strange = [
            name for name in ([names] if isinstance(names, str) else names) if name not in of
        ]
        for name in strange:
            self.fault(where, name, what)
        return not strange
