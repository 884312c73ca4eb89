"""The closed vocabularies of facts in plain words: Swedish source texts."""

from api.kit.i18n import Speaker, later

AREA_SCOPES = {
    "county": later("Hela länet"),
    "part_of_county": later("Del av länet"),
    "municipality": later("En kommun"),
}
GRANT_GROUPS = {
    "pilot_2018": later("2018, pilot"),
    "group2_2021": later("2021, grupp 2"),
    "group3_2023": later("2023, grupp 3"),
}
STATUSES = {
    "planning": later("Planerar"),
    "needs_inventory": later("Inventerar behov"),
    "start_up": later("Startar upp"),
    "partly": later("Delvis i drift"),
    "operative": later("I drift"),
}
# The two bands of phases, where RC are counted or chosen by them.
BANDS = {
    "pre_operational": later("På väg"),
    "operational": later("I drift"),
}
MODELS = {
    "barnahus": later("Inom Barnahus"),
    "cmv_subactivity": later("Del av ett centrum mot våld (CMV)"),
    "digital_vnr_joint": later("Digitalt, tillsammans med arbetet mot våld i nära relationer"),
    "per_agency_vnr": later("Hos varje myndighet, inom arbetet mot våld i nära relationer"),
    "standalone_teams": later("Egna team"),
    "undecided": later("Inte bestämt"),
}
CERTAINTIES = {
    "stated": later("Står tydligt i rapporten"),
    "probable": later("Troligen"),
    "possible_barnahus": later("Eventuellt Barnahus"),
    "conflicting": later("Uppgifterna säger emot varandra"),
}
SUPPORT = {
    "not_in_operation": later("Ingen verksamhet än"),
    "none": later("Nej"),
    "planned": later("Planeras"),
    "yes": later("Ja"),
}
SERVICES = {
    "support_phone_professionals": later("stödtelefon för yrkesverksamma"),
    "support_phone_exposed": later("stödtelefon för våldsutsatta"),
    "support_phone_per_agency": later("stödtelefon hos varje myndighet"),
    "consultations": later("konsultationer"),
    "lectures": later("föreläsningar"),
    "training": later("utbildning"),
    "training_via_vnr": later("utbildning inom arbetet mot våld i nära relationer"),
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
SHOWABLE = {
    "legal_consent": later("samtycken: blanketter och hur sekretess bryts"),
    "adult_target": later("stöd till vuxna, till exempel ett Barnahus för vuxna"),
    "org_barnahus": later("RC inom Barnahus"),
    "org_cmv_vnr": later("RC inom ett centrum mot våld eller våld i nära relationer"),
    "org_mobile": later("mobila team och stora ytor"),
    "needs_inventory": later("behovsinventering"),
    "agreements": later("avsiktsförklaringar och samverkansavtal"),
    "finance_longterm": later("långsiktig finansiering"),
    "consult_method": later("metoder för konsultation"),
    "direct_support": later("direkt stöd till våldsutsatta"),
    "communication": later("kommunikation och kampanjer"),
    "statistics": later("statistik och nyckeltal"),
}
FUNDING = {
    "secured": later("Säkrad"),
    "planned": later("Planerad, inte beslutad"),
    "lacking": later("Saknas"),
}
FUNDING_BASES = {
    "stated": later("En mening i rapporten"),
    "layout": later("Tolkat ur en bild i rapporten"),
}
SIZE_BANDS = {
    "small": later("Litet, under 6 000 km²"),
    "medium": later("Medelstort, under 15 000 km²"),
    "large": later("Stort, under 40 000 km²"),
    "very_large": later("Mycket stort"),
}
# What a value that matching compares is called, whichever fact it is of.
VALUES = {
    **MODELS,
    **SUPPORT,
    **GRANT_GROUPS,
    **BANDS,
}


def phase_in_words(say: Speaker, status: str | None) -> str:
    """Return how far an RC has come, as every page says it of one RC; nothing where it is not known."""
    return say.text(STATUSES[status]) if status else ""
