"""How actions and subjects of the log are called on its page: Swedish source texts."""

ACTIONS = {
    "added": "lade till",
    "answered": "svarade på",
    "asked for a time": "frågade efter en tid för",
    "asked_to_stop": "bad att stoppa",
    "cancelled": "ställde in",
    "changed": "ändrade",
    "closed": "stängde",
    "created": "lade till",
    "decided": "bestämde",
    "ended": "avslutade",
    "handed_over": "lämnade över",
    "imported": "läste in",
    "invited": "bjöd in till",
    "made": "skapade",
    "moved": "flyttade",
    "prolonged": "förlängde",
    "proposed": "föreslog",
    "published": "publicerade",
    "reminded": "påminde om",
    "reviewed": "granskade",
    "revoked links": "drog in länkar till",
    "sent": "skickade",
    "sent ballots": "skickade svarslänkar till",
    "set_contact": "utsåg kontaktperson för",
    "signed_in": "loggade in",
    "signed_out": "loggade ut",
    "tied to meeting": "knöt en träff till",
    "submitted": "beställde",
    "substituted": "skickade ersättare till",
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
    "meeting": "träff",
    "needs_survey": "behovsenkät",
    "network": "nätverk",
    "person": "person",
    "poll": "datumförfrågan",
    "programme": "program",
    "proposal": "förslag",
    "rc": "resurscentrum",
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
