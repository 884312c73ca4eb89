"""The register in plain words: Swedish source texts for columns, vocabularies, bands and sources."""

import re

from api.kit.i18n import Speaker, later
from api.registry.models import PhaseBand
from matcher.geo import Band

LABELS = {
    "id": later("Nyckel"),
    "name": later("Namn"),
    "county_code": later("Län"),
    "area_scope": later("Område"),
    "grant_group": later("Började"),
    "establishment_status": later("Läge"),
    "counted_established": later("Räknas som etablerat"),
    "org_model_current": later("Organisation i dag"),
    "org_model_planned": later("Planerad organisation"),
    "org_model_planned_certainty": later("Hur säker planen är"),
    "support_professionals": later("Stöd till yrkesverksamma"),
    "support_exposed_any": later("Stöd till utsatta"),
    "support_exposed_minors": later("Stöd till utsatta under 18 år"),
    "support_exposed_adults": later("Stöd till utsatta över 18 år"),
    "services": later("Gör i dag"),
    "services_planned": later("Planerar"),
    "funding_status": later("Långsiktig finansiering"),
    "funding_basis": later("Finansieringsuppgiften vilar på"),
    "funding_detail": later("Om finansieringen"),
    "huvudman": later("Huvudman"),
    "huvudman_planned": later("Planerad huvudman"),
    "digital_only": later("Helt digitalt"),
    "physical_site": later("Egen lokal"),
    "n_municipalities": later("Kommuner enligt rapporten"),
    "staffing": later("Bemanning"),
    "governance_bodies": later("Styrning"),
    "collaboration": later("Samverkan"),
    "notes": later("Anteckningar"),
    "seat_city": later("Ort"),
    "seat_lat": later("Ortens latitud"),
    "seat_lon": later("Ortens longitud"),
    "seat_basis": later("Varifrån orten kommer"),
    "centroid_lat": later("Områdets mittpunkt, latitud"),
    "centroid_lon": later("Områdets mittpunkt, longitud"),
    "municipalities_count": later("Antal kommuner"),
    "land_area_km2": later("Landareal, km²"),
    "population": later("Invånare"),
    "population_on": later("Invånarna räknades"),
    "municipality_codes": later("Kommuner"),
    "area_basis": later("Varifrån området kommer"),
    "max_km_seat_to_municipality_centroid": later("Längst från orten till en kommuns mitt, km"),
    "area_size_band": later("Storlek på området"),
    "norrland": later("Ligger i Norrland"),
    "sources": later("Källor"),
}

_MODELS = {
    "barnahus": later("Inom Barnahus"),
    "cmv_subactivity": later("Del av ett centrum mot våld (CMV)"),
    "digital_vnr_joint": later("Digitalt, gemensamt för våld i nära relationer"),
    "per_agency_vnr": later("Hos varje myndighet, genom våld i nära relationer"),
    "standalone_teams": later("Egna team"),
    "undecided": later("Inte bestämt"),
}
_SUPPORT = {"none": later("Nej"), "planned": later("Planeras"), "yes": later("Ja")}
_SERVICES = {
    "support_phone_professionals": later("stödtelefon för yrkesverksamma"),
    "support_phone_exposed": later("stödtelefon för utsatta"),
    "support_phone_per_agency": later("stödtelefon hos varje myndighet"),
    "consultations": later("konsultationer"),
    "lectures": later("föreläsningar"),
    "training": later("utbildning"),
    "training_via_vnr": later("utbildning genom våld i nära relationer"),
    "training_plan": later("utbildningsplan"),
    "routine_development": later("utveckling av rutiner"),
    "low_threshold_support": later("lågtröskelstöd"),
    "samrad_children": later("samråd om barn"),
    "samrad_adults": later("samråd om vuxna"),
    "sip": later("samordnad individuell plan (SIP)"),
    "needs_mapping": later("behovskartläggning"),
    "target_group_analysis": later("målgruppsanalys"),
    "dialog_meetings": later("dialogmöten"),
}
VALUES: dict[str, dict[str, str]] = {
    "area_scope": {
        "county": later("Hela länet"),
        "part_of_county": later("Del av länet"),
        "municipality": later("En kommun"),
    },
    "grant_group": {
        "pilot_2018": later("2018, pilot"),
        "group2_2021": later("2021, grupp 2"),
        "group3_2023": later("2023, grupp 3"),
    },
    "establishment_status": {
        "planning": later("Planerar"),
        "needs_inventory": later("Inventerar behov"),
        "start_up": later("Startar upp"),
        "partly": later("Delvis i drift"),
        "operative": later("I drift"),
    },
    "counted_established": {"yes": later("Ja"), "no": later("Nej")},
    "org_model_current": _MODELS,
    "org_model_planned": _MODELS,
    "org_model_planned_certainty": {
        "stated": later("Sägs rakt ut"),
        "probable": later("Troligen"),
        "possible_barnahus": later("Eventuellt Barnahus"),
        "conflicting": later("Uppgifterna säger emot varandra"),
    },
    "support_professionals": _SUPPORT,
    "support_exposed_any": _SUPPORT,
    "support_exposed_minors": _SUPPORT,
    "support_exposed_adults": _SUPPORT,
    "services": _SERVICES,
    "services_planned": _SERVICES,
    "funding_status": {
        "secured": later("Klar"),
        "planned": later("Planerad, inte beslutad"),
        "lacking": later("Saknas"),
    },
    "funding_basis": {
        "stated": later("En mening i rapporten"),
        "layout": later("Bara namnets plats på en bild i rapporten"),
    },
    "digital_only": {"yes": later("Ja"), "no": later("Nej")},
    "physical_site": {"yes": later("Ja"), "no": later("Nej")},
    "area_size_band": {
        "small": later("Litet, under 6 000 km²"),
        "medium": later("Medelstort, under 15 000 km²"),
        "large": later("Stort, under 40 000 km²"),
        "very_large": later("Mycket stort"),
    },
    "norrland": {"yes": later("Ja"), "no": later("Nej")},
}
BANDS = {
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
    PhaseBand.OPERATIONAL: later("I drift"),
}
TRAVEL = {
    Band.SHORT_LAND_DAY_TRIP: later("kort dagsresa"),
    Band.LONG_LAND_DAY_TRIP: later("lång dagsresa"),
    Band.LAND_OVERNIGHT_OR_DIGITAL: later("övernattning eller digitalt"),
    Band.AIR_OVERNIGHT_OR_DIGITAL: later("flyg och övernattning, eller digitalt"),
}
ACTIONS = {
    "imported": later("läste in"),
    "added": later("lade till"),
    "corrected": later("rättade"),
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        later("Så långt har RC:t kommit"),
        (
            "establishment_status",
            "counted_established",
            "grant_group",
            "org_model_current",
            "org_model_planned",
            "org_model_planned_certainty",
        ),
    ),
    (
        later("Stöd och uppdrag"),
        (
            "support_professionals",
            "support_exposed_any",
            "support_exposed_minors",
            "support_exposed_adults",
            "services",
            "services_planned",
        ),
    ),
    (
        later("Pengar och organisation"),
        (
            "funding_status",
            "funding_basis",
            "funding_detail",
            "huvudman",
            "huvudman_planned",
            "staffing",
            "governance_bodies",
            "collaboration",
            "digital_only",
            "physical_site",
        ),
    ),
    (
        later("Området"),
        (
            "county_code",
            "area_scope",
            "seat_city",
            "seat_basis",
            "population",
            "population_on",
            "land_area_km2",
            "area_size_band",
            "norrland",
            "n_municipalities",
            "municipalities_count",
            "municipality_codes",
            "area_basis",
            "max_km_seat_to_municipality_centroid",
        ),
    ),
    (later("Övrigt"), ("notes",)),
)
_LINES = re.compile(r"\d+(-\d+)?(;\d+(-\d+)?)*")


def source_text(say: Speaker, source: str) -> str:
    """Return where a fact comes from: the report's lines, or who is named."""
    if _LINES.fullmatch(source):
        lines = source.replace("-", "–").replace(";", ", ")
        return say.text("Rapporten, rad %(lines)s", lines=lines)
    if source.startswith("ext:"):
        return source.removeprefix("ext:")
    return source
