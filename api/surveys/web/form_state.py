"""A form on a page: what its template asks of its context, and what was posted, every value of a name."""

from collections.abc import Mapping, Sequence

from api.kit.errors import FieldFault


class FormState:
    """The questions that a form's template asks; the page's dataclass holds the answers."""

    __slots__ = ()
    values: Mapping[str, Sequence[str]]
    faults: tuple[FieldFault, ...]

    def is_chosen(self, name: str, value: str, default: str = "") -> bool:
        """Tell whether a radio button, a box or an option is to be filled in."""
        return value in (self.values.get(name) or (default,))

    def fault_of(self, name: str) -> FieldFault | None:
        """Return the fault of a field."""
        return next((fault for fault in self.faults if fault.field == name), None)


def last(form: dict[str, tuple[str, ...]], name: str) -> str:
    """Return the last value of a name, or an empty text."""
    return form.get(name, ("",))[-1].strip()
