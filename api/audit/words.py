"""How actions and subjects of the log are called on its page: Swedish source texts."""

ACTIONS = {
    "added": "lade till",
    "added a time": "lade till en tid i",
    "again": "skickade en gång till",
    "answered": "svarade på",
    "asked for a time": "frågade efter en tid för",
    "asked_to_stop": "bad att stoppa",
    "booked": "bokade en tid ur",
    "cancelled": "ställde in",
    "changed": "ändrade",
    "closed": "stängde",
    "confirmed": "bestämde",
    "created": "lade till",
    "decided": "bestämde",
    "ended": "avslutade",
    "ended_at_once": "spärrade genast",
    "ended_clearing": "tömde och spärrade",
    "erased": "gallrade",
    "failed": "fick inget resultat för",
    "handed_over": "lämnade över",
    "hold": "pausade",
    "imported": "läste in",
    "invited": "bjöd in till",
    "made": "skapade",
    "moved": "flyttade",
    "open": "öppnade",
    "paused": "pausade",
    "prolonged": "förlängde",
    "proposed": "föreslog",
    "published": "publicerade",
    "release": "släppte iväg",
    "reminded": "påminde om",
    "resumed": "fortsatte",
    "reviewed": "granskade",
    "revoked links": "drog in länkar till",
    "sent": "skickade",
    "sent ballots": "skickade svarslänkar till",
    "set_contact": "utsåg kontaktperson för",
    "signed_in": "loggade in",
    "signed_out": "loggade ut",
    "solved": "räknade fram",
    "subscribed": "skapade",
    "tied to meeting": "knöt en träff till",
    "submitted": "beställde",
    "substituted": "skickade ersättare till",
    "withdrew": "drog tillbaka",
    "withdrew a time": "tog bort en tid ur",
}
SUBJECTS = {
    "body": "organisation",
    "evaluation": "utvärdering",
    "event": "händelse",
    "feed": "kalender",
    "feed_token": "kalenderadress",
    "function": "funktion",
    "invitation": "inbjudan",
    "job": "beräkning",
    "mail": "mejl",
    "meeting": "träff",
    "needs_survey": "behovsenkät",
    "network": "nätverk",
    "outbox": "utskick",
    "person": "person",
    "poll": "datumförfrågan",
    "programme": "program",
    "proposal": "förslag",
    "rc": "resurscentrum",
    "retention": "uppgifter vars tid är ute",
    "round": "omgång",
    "session": "inloggning",
    "theme": "ämne",
}


def action(name: str) -> str:
    """Return an action in words; one that is new here is shown by its name."""
    return ACTIONS.get(name, name)


def subject(kind: str) -> str:
    """Return a kind of subject in words; one that is new here is shown by its name."""
    return SUBJECTS.get(kind, kind)
