"""What was read and chosen, carried signed from the check to the confirmation: nothing is kept meanwhile.

Only what would be written is in it; the file's other words never leave the planner's computer again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeTimedSerializer

from api.kit.errors import ConflictError
from api.kit.guard import FORM_TOKEN_LIFETIME_S
from api.meetings.models import MeetingForm, MeetingKind
from api.standing.file import FileEvent, Told
from api.standing.planning import Target
from api.standing.service import Choices

_SALT = "standing"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked, for whom, and the print of the plan that was shown."""

    events: tuple[FileEvent, ...]
    choices: Choices
    shown: str


def pack(checked: Checked, person_id: str, key: str) -> str:
    """Return what was checked as a signed text; events that are refused are left out."""
    choices = checked.choices
    return _serializer(key).dumps(
        {
            "who": person_id,
            "shown": checked.shown,
            "kind": choices.target.kind.value,
            "network": choices.target.network_id,
            "form": choices.form.value,
            "town": choices.town,
            "focus": choices.focus,
            "events": [
                [
                    event.uid,
                    event.name,
                    event.is_whole,
                    sorted(event.passed),
                    *_packed(event.told),
                ]
                for event in checked.events
                if event.reason is None
            ],
        }
    )


def unpack(text: str, person_id: str, key: str) -> Checked:
    """Return what was checked.

    Raises:
        ConflictError: when it is not ours, too old, or was checked by somebody else.
    """
    try:
        found = _serializer(key).loads(text, max_age=FORM_TOKEN_LIFETIME_S)
    except BadData as error:
        raise ConflictError("Kontrollen av filen gäller inte längre. Välj filen igen.") from error
    if found["who"] != person_id:
        raise ConflictError("Kontrollen av filen gäller inte längre. Välj filen igen.")
    return Checked(
        events=tuple(
            FileEvent(
                uid=uid,
                name=name,
                is_whole=is_whole,
                passed=frozenset(passed),
                told=tuple(_unpacked(told, words) for told in all_told),
            )
            for uid, name, is_whole, passed, words, all_told in found["events"]
        ),
        choices=Choices(
            target=Target(MeetingKind(found["kind"]), found["network"]),
            form=MeetingForm(found["form"]),
            town=found["town"],
            focus=found["focus"],
        ),
        shown=found["shown"],
    )


Packed = tuple[str, int, int, int, bool]


def _packed(all_told: tuple[Told, ...]) -> tuple[list[list[str]], list[Packed]]:
    """Return an event's names with focus, each once, and its meetings, which point at theirs."""
    words = list(dict.fromkeys((told.name, told.focus) for told in all_told))
    return [list(one) for one in words], [
        (
            told.recurrence_id,
            int(told.starts_at.timestamp()),
            int(told.ends_at.timestamp()),
            words.index((told.name, told.focus)),
            told.is_cancelled,
        )
        for told in all_told
    ]


def _unpacked(packed: Packed, words: list[list[str]]) -> Told:
    recurrence_id, starts, ends, place, is_cancelled = packed
    name, focus = words[place]
    return Told(
        recurrence_id=recurrence_id,
        starts_at=datetime.fromtimestamp(starts, UTC),
        ends_at=datetime.fromtimestamp(ends, UTC),
        name=name,
        focus=focus,
        is_cancelled=is_cancelled,
    )


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=_SALT)
