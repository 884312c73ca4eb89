"""Why RC are together, read off the register as it is now: claims and the sentences made of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from api.kit.clock import now
from api.kit.i18n import Speaker
from api.networks.claims import Claim, Hours, Interests, claims_of, nearest, unlike, widest
from api.networks.models import Layer
from api.networks.service import IN_PERSON_HOURS
from api.networks.wording import said_of, unlike_said, why
from api.registry import queries as registry
from api.registry.citing import source_text
from api.registry.models import Rc
from api.surveys.models import Theme
from api.surveys.queries import themes_by_id
from api.surveys.service import sought_and_offered
from api.travel.service import travel_of
from api.travel.wording import in_halves
from matcher.geo import Point

# What RC sought and offered, and the circles they declined, counts for a year.
SURVEY_MEMORY = timedelta(days=365)


# A claim's fact -> the columns of the register that it rests on, where they are called otherwise.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "model": ("org_model_current", "org_model_planned"),
    "phase_band": ("establishment_status",),
    "log10_land_km2": ("land_area_km2",),
    "km": ("seat_city", "seat_lat"),
    "hours": ("seat_city", "seat_lat"),
}


@dataclass(frozen=True, slots=True)
class OfOne:
    """One RC in its circle, in sentences: what ties it to the others, what tells it apart, and its journey."""

    ties: str = ""
    apart: str = ""
    far: str = ""  # only where even the nearest is farther than a day's meeting allows


@dataclass(frozen=True, slots=True)
class Reasons:
    """The register, journeys and what was sought and offered, read once for all circles of a page."""

    rcs: Mapping[str, Rc]
    interests: Mapping[str, Interests]
    themes: Mapping[str, Theme]
    hours: Hours
    _made: dict[tuple[Layer, frozenset[str]], tuple[Claim, ...]] = field(default_factory=dict)

    def claims(self, layer: Layer, rc_ids: Collection[str]) -> tuple[Claim, ...]:
        """Return the claims of a circle; RC that are gone from the register are in none."""
        key = layer, frozenset(rc_ids)
        if key not in self._made:  # a page says them of the circle and of each of its members
            self._made[key] = claims_of(self._known(rc_ids), layer, self.hours, self.interests)
        return self._made[key]

    def why(self, say: Speaker, layer: Layer, rc_ids: Collection[str]) -> str:
        """Return why these RC are in a circle, in the reader's language."""
        if layer == Layer.FORUM:
            return say.text("Ni har samma funktion i olika län.")
        claims = self.claims(layer, rc_ids)
        return why(say, claims, rc_ids, self._names(), self.titles(say))

    def told(self, say: Speaker, layer: Layer, rc_ids: Collection[str]) -> str:
        """Return what is true of some RC as a third person says it: nobody is addressed."""
        claims = self.claims(layer, rc_ids)
        return said_of(say, claims, self._names(), self.titles(say), rc_ids)

    def of_one(
        self,
        say: Speaker,
        layer: Layer,
        rc_ids: Collection[str],
        rc_id: str,
        *,
        beside_circle: bool = False,
    ) -> "OfOne":
        """Return what ties one RC to its circle and what tells it apart, each from claims.

        beside_circle: the circle's names stand beside it, so that *Alla* says who is meant.
        """
        rc, circle = self.rcs.get(rc_id), self._known(rc_ids)
        if rc is None:
            return OfOne()
        own = [one for one in self.claims(layer, rc_ids) if rc_id in one.members]
        ties = [one for one in own if one.claim != "differs"]
        near = nearest(rc, circle, self.hours)
        far = ""
        if near is None:
            far = say.text("Hur långt det är till de andra vet vi inte: orten är okänd.")
        elif float(near.value or 0) > IN_PERSON_HOURS:
            far = say.text(
                "Närmast i kretsen är %(name)s, ungefär %(hours)s timmar bort.",
                name=self.rcs[near.members[1]].name,
                hours=in_halves(float(near.value or 0), say),
            )
        return OfOne(
            said_of(say, ties, self._names(), self.titles(say), rc_ids if beside_circle else ()),
            unlike_said(say, unlike(rc, circle), self._names()),
            far,
        )

    def lines(
        self, say: Speaker, layer: Layer, rc_ids: Collection[str]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return each thing that is said of a circle, and where it is known from, RC by RC.

        The report's lines, a person who corrected it, or the survey in which somebody asked for it.
        """
        if layer == Layer.FORUM:
            return ()
        titles, names = self.titles(say), self._names()
        found: dict[str, tuple[str, ...]] = {}
        claims = self.claims(layer, rc_ids)
        near = [one for one in claims if one.claim == "near"]
        for claim in claims:
            if claim.claim == "near" and claim is not near[0]:
                continue
            told = near if claim.claim == "near" else [claim]
            text = why(say, told, rc_ids, names, titles)
            found.setdefault(text, self._sources(say, claim))
        return tuple(found.items())

    def _sources(self, say: Speaker, claim: Claim) -> tuple[str, ...]:
        if claim.claim == "offers":
            return (say.text("Svaren på enkäter det senaste året, och registret"),)
        columns = COLUMNS.get(claim.fact, (claim.fact,))
        lines = []
        for one in claim.members:
            rc = self.rcs[one]
            source = next((rc.sources[name] for name in columns if rc.sources.get(name)), "")
            if source:
                lines.append(f"{rc.name}: {source_text(say, source)}")
        return tuple(lines)

    def widest(self, rc_ids: Collection[str]) -> tuple[float | None, float | None]:
        """Return (km, hours) between the two seats farthest apart; None where one is not known."""
        return widest(self._known(rc_ids), self.hours)

    def titles(self, say: Speaker) -> dict[str, str]:
        """Return the themes that anybody sought or offered, by id, in the reader's language."""
        return {key: say.either(theme.name_sv, theme.name_en) for key, theme in self.themes.items()}

    def _names(self) -> dict[str, str]:
        return {key: rc.name for key, rc in self.rcs.items()}

    def _known(self, rc_ids: Collection[str]) -> list[Rc]:
        return [self.rcs[one] for one in rc_ids if one in self.rcs]


def reasons(session: Session, at: datetime | None = None) -> Reasons:
    """Return what the reasons of circles are made of, as it is now."""
    since = (at or now()) - SURVEY_MEMORY
    interests = {
        rc_id: Interests(one.sought, one.offered)
        for rc_id, one in sought_and_offered(session, since).items()
    }
    wanted = {key for one in interests.values() for key in one.sought | one.offered}
    travel = travel_of(session)
    return Reasons(
        rcs={rc.id: rc for rc in registry.rcs(session)},
        interests=interests,
        themes=dict(themes_by_id(session, wanted)) if wanted else {},
        hours=lambda one, other: travel.hours(Point(*one), Point(*other)),
    )
