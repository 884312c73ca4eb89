"""Materials: who may see and keep them, adding links and files, new versions, what is new and who has what."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import (
    Viewer,
    insist,
    may_act_in_network,
    may_keep_material,
    may_plan,
    may_read_register,
    may_see_material,
    may_see_network,
)
from api.audit.service import record
from api.kit.db import new_id
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.library import queries
from api.library.models import Material, MaterialFile, ReadBy, Sort
from api.meetings.audience import adding_material, concerning, may_add_material, seen_by
from api.meetings.models import Meeting
from api.meetings.service import may_see_meeting, meeting_for
from api.networks import queries as networks
from api.networks.models import Network
from api.networks.service import network_for
from api.surveys import queries as surveys
from api.surveys.models import Theme

MOST = 30  # at one meeting or circle: more is a folder of its own, to be linked once
MOST_OF_THEME = 200
MOST_VERSIONS = 20
MOST_KEPT_BYTES = 2_000_000_000  # of all files together: the database is copied every night
MOST_OF_ONE_BYTES = 200_000_000  # of one RC: nobody fills it for the others
LONGEST_TITLE = 120
LONGEST_ADDRESS = 1000
LOOKED_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a material lies: at a meeting, a circle or a theme, at exactly one of them."""

    meeting: Meeting | None = None
    network: Network | None = None
    theme: Theme | None = None
    member_ids: tuple[str, ...] = ()  # of the circle

    @property
    def path(self) -> str:
        """The page that lists what lies there and takes more."""
        if self.meeting is not None:
            return f"/traffar/{self.meeting.id}/material"
        if self.network is not None:
            return f"/natverk/{self.network.id}/material"
        return f"/bibliotek/amne/{self.theme.id if self.theme else ''}"

    @property
    def ids(self) -> tuple[str | None, str | None, str | None]:
        """The id of the meeting, the circle or the theme, in this order; None of the two that it is not."""
        meeting, network, theme = (
            one.id if one else None for one in (self.meeting, self.network, self.theme)
        )
        return meeting, network, theme

    @property
    def names(self) -> tuple[str, str]:
        """What it is called, in Swedish and English."""
        found = self.meeting or self.network or self.theme
        return (found.name_sv, found.name_en) if found is not None else ("", "")

    @property
    def readers(self) -> tuple[ReadBy, ...]:
        """Who can be let see something here, the narrowest first."""
        if self.meeting is not None:
            return ReadBy.MEETING, ReadBy.ALL
        return (ReadBy.CIRCLE, ReadBy.ALL) if self.network is not None else (ReadBy.ALL,)

    @property
    def most(self) -> int:
        """How many materials may lie here."""
        return MOST_OF_THEME if self.theme is not None else MOST


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked through: what it is, and its octets."""

    extension: str
    octets: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the octets, hexadecimal."""
        return hashlib.sha256(self.octets).hexdigest()


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody adds; without an upload it is a link."""

    title: str
    address: str = ""
    sort: Sort = Sort.OTHER
    read_by: ReadBy | None = None  # None: the narrowest that the place has
    rc_id: str = ""
    upload: Upload | None = None


def at_meeting(session: Session, viewer: Viewer, meeting_id: str) -> Place:
    """Return the place of a meeting's materials.

    Raises:
        MissingError: when there is no such meeting for this viewer.
    """
    return Place(meeting=meeting_for(session, viewer, meeting_id))


def at_circle(session: Session, viewer: Viewer, network_id: str) -> Place:
    """Return the place of a circle's materials.

    Raises:
        MissingError: when there is no such circle for this viewer.
    """
    network, rc_ids = network_for(session, viewer, network_id)
    return Place(network=network, member_ids=rc_ids)


def at_theme(session: Session, viewer: Viewer, theme_id: str) -> Place:
    """Return the place of a theme's materials.

    Raises:
        MissingError: when there is none, or the viewer is a guest.
    """
    insist(may_read_register(viewer))
    theme = surveys.theme(session, theme_id)
    if theme is None:
        raise MissingError
    return Place(theme=theme)


def place_of(session: Session, found: Material) -> Place:
    """Return where a material lies; who may see the place is not asked."""
    return places_of(session, [found])[found.id]


def places_of(session: Session, found: Sequence[Material]) -> dict[str, Place]:
    """Return where materials lie, by material; who may see the places is not asked."""
    met = queries.meetings_by_id(session, {one.meeting_id for one in found if one.meeting_id})
    circles = networks.networks_by_id(session, {one.network_id for one in found if one.network_id})
    members = networks.members(session, [one.id for one in circles])
    themes = surveys.themes_by_id(session, {one.theme_id for one in found if one.theme_id})
    places = {one.id: Place(meeting=one) for one in met}
    for one in circles:
        rc_ids = tuple(row.rc_id for row in members[one.id])
        places[one.id] = Place(network=one, member_ids=rc_ids)
    places |= {key: Place(theme=one) for key, one in themes.items()}
    return {
        one.id: places.get(one.meeting_id or one.network_id or one.theme_id or "", Place())
        for one in found
    }


@dataclass(frozen=True, slots=True)
class Lying:
    """Where a material lies, the page where a viewer sees it there, and whether the viewer keeps it.

    path: empty where the viewer sees no such page.
    """

    place: Place
    path: str
    may_change: bool


def lying(session: Session, viewer: Viewer, found: Sequence[Material]) -> dict[str, Lying]:
    """Return where each material lies for a viewer, by id; the number of queries does not grow with theirs.

    Whoever adds nothing to a meeting reads its materials on its own page.
    """
    places = places_of(session, found)
    rows = [one.meeting for one in {p.path: p for p in places.values()}.values() if one.meeting]
    visible = {one.id for one in seen_by(session, viewer, rows)}
    adds = adding_material(session, viewer, rows)
    made = {}
    for one in found:
        place, path = places[one.id], places[one.id].path
        may_change = may_keep_material(viewer, one.rc_id)
        if place.meeting is not None:
            may_change = place.meeting.id in adds
            path = path if may_change else f"/traffar/{place.meeting.id}"
            path = path if place.meeting.id in visible else ""
        elif place.network is not None:
            may_change = may_add(session, viewer, place)
            path = path if may_see_network(viewer, place.member_ids) else ""
        made[one.id] = Lying(place, path, may_change)
    return made


def may_add(session: Session, viewer: Viewer, place: Place) -> bool:
    """Whether a viewer may put something at a place."""
    if place.meeting is not None:
        return may_add_material(session, viewer, place.meeting)
    if place.network is not None:
        return place.network.ended_on is None and may_act_in_network(viewer, place.member_ids)
    return bool(viewer.rc_ids) or may_plan(viewer)


def may_change(session: Session, viewer: Viewer, found: Material, place: Place) -> bool:
    """Whether a viewer may renew a material or take it away: at a theme whose it is, else who adds there."""
    if place.theme is not None:
        return may_keep_material(viewer, found.rc_id)
    return may_add(session, viewer, place)


def material_for(session: Session, viewer: Viewer, material_id: str) -> tuple[Material, Place]:
    """Return a material that the viewer may see, and where it lies.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found = queries.material(session, material_id)
    if found is None:
        raise MissingError
    place = place_of(session, found)
    insist(_may_see(session, viewer, found, place))
    return found, place


def _may_see(session: Session, viewer: Viewer, found: Material, place: Place) -> bool:
    if place.meeting is not None and found.read_by is not ReadBy.ALL:
        return may_see_meeting(session, viewer, place.meeting)
    return may_see_material(viewer, place.member_ids, is_for_all=found.read_by is ReadBy.ALL)


def materials_of(session: Session, meeting_id: str) -> tuple[Material, ...]:
    """Return a meeting's materials in the order they came."""
    return queries.of_meetings(session, [meeting_id]).get(meeting_id, ())


def at(session: Session, viewer: Viewer, place: Place) -> tuple[Material, ...]:
    """Return what of a place the viewer may see, in the order it came."""
    found = queries.at_place(session, *place.ids)
    return tuple(one for one in found if _may_see(session, viewer, one, place))


def seen(session: Session, viewer: Viewer, of: Collection[str] | None = None) -> list[Material]:
    """Return everything (or what has these ids) that a viewer may see, the newest first."""
    if not may_read_register(viewer):
        return []
    own = networks.networks_of_rcs(session, viewer.rc_ids)
    found = queries.everything(session, None if may_plan(viewer) else own, of)
    ids = {one.meeting_id for one in found if one.meeting_id and one.read_by is not ReadBy.ALL}
    known = queries.meetings_by_id(session, ids)
    visible = {one.id for one in seen_by(session, viewer, known)}
    return [
        one
        for one in found
        if one.read_by is ReadBy.ALL or one.network_id or one.meeting_id in visible
    ]


def news(session: Session, viewer: Viewer, since: datetime) -> list[Material]:
    """Return what has come since a moment that the viewer may see, the newest first."""
    return [one for one in seen(session, viewer) if newest(one) > since]


def newest(found: Material) -> datetime:
    """Return when a material last became another."""
    return found.renewed_at or found.added_at


def add(session: Session, place: Place, draft: Draft, actor: str, at: datetime) -> Material:
    """Add a link or a document.

    Raises:
        FieldFault: when the title, the address or the choice of readers cannot be used, or the link is there.
        ConflictError: when the place has as many as it may, or the library is full.
    """
    words, link = " ".join(draft.title.split()), draft.address.strip()
    if not words or len(words) > LONGEST_TITLE:
        raise FieldFault(
            "title", "Skriv vad det är, med högst %(most)s tecken.", most=LONGEST_TITLE
        )
    if draft.upload is not None and link:
        raise FieldFault("address", "Välj en fil eller skriv en länk, inte båda.")
    if draft.upload is None:
        _insist_on_link(link)
    meeting_id, network_id, theme_id = place.ids
    known = queries.at_place(session, *place.ids)
    if link and link in {one.address for one in known}:
        raise FieldFault("address", "Den länken finns redan här.")
    if len(known) >= place.most:
        raise ConflictError(
            "Här finns redan %(most)s länkar och filer. Ta bort någon först.", most=place.most
        )
    read_by = draft.read_by if draft.read_by in place.readers else place.readers[0]
    made_id = new_id()
    made = Material(
        id=made_id,
        meeting_id=meeting_id,
        network_id=network_id,
        theme_id=theme_id,
        title=words,
        address=link or f"/bibliotek/{made_id}",
        sort=draft.sort,
        read_by=read_by,
        rc_id=draft.rc_id,
        added_at=at,
        renewed_at=at if draft.upload else None,
    )
    session.add(made)
    session.flush()
    if draft.upload is not None:
        _keep(session, made, draft.upload, 1, at)
    record(session, actor, "added", ("material", made.id), after=_summary(made))
    return made


def renew(
    session: Session, found: Material, upload: Upload, actor: str, at: datetime
) -> MaterialFile:
    """Give a document a new current file; the older ones stay. The same file again changes nothing.

    Raises:
        ConflictError: when it is a link, or has as many versions as it may, or the library is full.
    """
    locked = queries.material_to_change(session, found.id)
    known = queries.versions(session, found.id)
    if locked is None or not known:
        raise ConflictError("En länk har inga versioner.")
    if known[0].digest == upload.digest:
        return known[0]
    if len(known) >= MOST_VERSIONS:
        raise ConflictError(
            "Filen har redan %(most)s versioner. Lägg upp den som en ny.", most=MOST_VERSIONS
        )
    kept = _keep(session, locked, upload, known[0].number + 1, at)
    locked.renewed_at = at
    session.add(locked)
    session.flush()
    record(session, actor, "changed", ("material", found.id), after={"version": kept.number})
    return kept


def _keep(
    session: Session, found: Material, upload: Upload, number: int, at: datetime
) -> MaterialFile:
    size = len(upload.octets)
    if queries.octets_kept(session) + size > MOST_KEPT_BYTES:
        raise ConflictError("Biblioteket är fullt. Ta bort filer som ingen behöver längre.")
    if found.rc_id and queries.octets_kept(session, found.rc_id) + size > MOST_OF_ONE_BYTES:
        raise ConflictError(
            "Era filer tar redan %(most)s MB. Ta bort filer som ingen behöver längre.",
            most=MOST_OF_ONE_BYTES // 1_000_000,
        )
    kept = MaterialFile(
        material_id=found.id,
        number=number,
        extension=upload.extension,
        size=size,
        digest=upload.digest,
        octets=upload.octets,
        added_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def file_for(
    session: Session, viewer: Viewer, material_id: str, number: int | None = None
) -> tuple[Material, MaterialFile]:
    """Return a version of a document that the viewer may see; without a number the current one.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found, _ = material_for(session, viewer, material_id)
    kept = queries.version(session, found.id, number)
    if kept is None:
        raise MissingError
    return found, kept


def remove(session: Session, found: Material, actor: str) -> None:
    """Take a material away with all its versions; the log keeps what it was called."""
    record(session, actor, "removed", ("material", found.id), before=_summary(found))
    queries.delete_whole(session, found)


def whose(viewer: Viewer, place: Place) -> str:
    """Return the RC for which a viewer adds: a member's where the place is a circle's; empty for NCH."""
    acting = [
        post for post in viewer.posts if post.acts and post.rc_id and post.role is Role.RC_MEMBER
    ]
    at_home = [post for post in acting if post.rc_id in place.member_ids] or acting
    first = min(at_home, key=lambda post: (not post.is_holder, post.rc_id or ""), default=None)
    return first.rc_id or "" if first is not None else ""


def earlier(session: Session, viewer: Viewer, at: datetime) -> list[Meeting]:
    """Return the viewer's own meetings of the last year that have materials, newest first."""
    found = queries.meetings_with_materials(session, at - LOOKED_BACK, at)
    return concerning(session, viewer, found)


def who_has(found: Sequence[Material]) -> dict[str, tuple[Material, ...]]:
    """Return what each RC has put into the library, by RC."""
    known: dict[str, tuple[Material, ...]] = {}
    for one in found:
        if one.rc_id:
            known[one.rc_id] = (*known.get(one.rc_id, ()), one)
    return known


def of_rc(session: Session, viewer: Viewer, rc_ids: Collection[str]) -> list[Material]:
    """Return what some RC have put into the library that the viewer may see."""
    return [one for one in seen(session, viewer) if one.rc_id in rc_ids]


def _insist_on_link(link: str) -> None:
    """Only https with a host and no password; nothing that a browser runs instead of opening."""
    try:
        parts = urlsplit(link)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, has_host = urlsplit(""), False
    is_plain = link.isprintable() and not any(sign in link for sign in ' "<>\\')
    is_safe = parts.scheme == "https" and "@" not in parts.netloc
    if not (has_host and is_plain and is_safe) or len(link) > LONGEST_ADDRESS:
        raise FieldFault("address", "Skriv en hel adress som börjar med https://.")


def _summary(found: Material) -> dict[str, object]:
    place = found.meeting_id or found.network_id or found.theme_id
    return {"place": place, "title": found.title, "address": found.address}
