"""How surveys say their closed vocabularies, in the reader's language."""

from collections.abc import Iterable, Mapping

from api.audit.naming import SAID
from api.kit.i18n import Speaker, later
from api.registry.vocabulary import phase_in_words
from api.surveys.models import Band, SurveyState, Theme

Choice = tuple[str, str]
STATES = {
    SurveyState.DRAFT: later("Utkast"),
    SurveyState.OPEN: later("Öppen"),
    SurveyState.CLOSED: later("Stängd"),
}
SAID["needs_survey", "state"] = STATES


def name_of(theme: Theme | None, say: Speaker) -> str:
    """Return a theme's name; a theme that has left the bank is said to have done so."""
    if theme is None:
        return say.text("ett ämne som inte finns kvar")
    return say.either(theme.name_sv, theme.name_en)


def weights(say: Speaker) -> tuple[Choice, ...]:
    """The four weights of a theme."""
    return (
        ("0", say.text("Inte nu")),
        ("1", say.text("Gärna")),
        ("2", say.text("Viktigt")),
        ("3", say.text("Viktigast")),
    )


def focuses(say: Speaker) -> tuple[Choice, ...]:
    """What the meeting is mainly for."""
    return (
        ("start_up", say.text("Organisation och uppstart")),
        ("subject_matters", say.text("Sakfrågor")),
        ("both", say.text("Båda lika mycket")),
    )


def cases(say: Speaker) -> tuple[Choice, ...]:
    """Taking part in case rounds."""
    return (
        ("yes", say.text("Ja, och vi kan ta med ett fall")),
        ("listen", say.text("Ja, men utan eget fall")),
        ("no", say.text("Nej, inte den här gången")),
    )


def forms(say: Speaker) -> tuple[Choice, ...]:
    """How the RC can take part."""
    return (
        ("in_person", say.text("Helst på plats")),
        ("digital", say.text("Bara digitalt")),
        ("either", say.text("Vilket som går bra")),
    )


def fits(say: Speaker) -> tuple[Choice, ...]:
    """How a day fits."""
    return (
        ("yes", say.text("Ja")),
        ("maybe", say.text("Kanske")),
        ("no", say.text("Nej")),
    )


def functions(say: Speaker) -> tuple[Choice, ...]:
    """Who comes."""
    return (
        ("operative_coordinator", say.text("Samordnare eller verksamhetsledare")),
        ("curator", say.text("Kurator")),
        ("ls_project_leader", say.text("Länsstyrelsens projektledare")),
        ("manager", say.text("Chef")),
    )


def hosting(say: Speaker) -> tuple[Choice, ...]:
    """Being the host."""
    return (
        ("yes", say.text("Ja, vi kan vara värd")),
        ("with_help", say.text("Ja, om någon hjälper till")),
        ("no", say.text("Nej, inte den här gången")),
    )


def networks(say: Speaker) -> tuple[Choice, ...]:
    """What to do with the peer network."""
    return (
        ("keep", say.text("Vi vill inte ändra något")),
        ("other", say.text("Vi vill byta krets")),
        ("none", say.text("Vi vill inte vara med i någon krets nu")),
    )


def phase(value: str, say: Speaker) -> str:
    """Name a phase of the register, as a word among others."""
    return phase_in_words(say, value).lower()


def model(value: str, say: Speaker) -> str:
    """Name an organisation model of the register."""
    names = {
        "barnahus": say.text("Barnahus"),
        "cmv_subactivity": say.text("Del av ett centrum mot våld"),
        "digital_vnr_joint": say.text(
            "Digitalt, tillsammans med arbetet mot våld i nära relationer"
        ),
        "per_agency_vnr": say.text("Hos varje myndighet, inom arbetet mot våld i nära relationer"),
        "standalone_teams": say.text("Egna team"),
    }
    return names.get(value, value) or say.text("Ingen modell än")


def band(value: Band, say: Speaker) -> str:
    """Name a band of phases."""
    return {
        Band.PRE_OPERATIONAL: say.text("På väg att starta"),
        Band.OPERATIONAL: say.text("I drift, helt eller delvis"),
        Band.OTHER: say.text("Inte från något RC"),
        Band.BARNAHUS: say.text("I drift, i Barnahus"),
        Band.OTHER_MODEL: say.text("I drift, andra sätt att organisera sig"),
    }[value]


def state(value: SurveyState, say: Speaker) -> str:
    """Name where a survey stands."""
    return say.text(STATES[value])


def fixed_question(key: str, say: Speaker) -> str:
    """Say one of the evaluation's four statements."""
    return {
        "purpose": say.text("Träffens syfte var tydligt"),
        "structure": say.text("Träffen hade en bra struktur"),
        "useful": say.text("Jag har nytta av det jag fick med mig"),
        "safe": say.text("Det kändes tryggt att fråga"),
        "support": say.text("Vi får det stöd av NCH som vi behöver"),
        "peers": say.text("Vi får det stöd av andra RC som vi behöver"),
        "time": say.text("Vi har den tid och de personer som uppdraget kräver"),
        "funding": say.text("Vi vet hur vi finansieras det närmaste året"),
    }[key]


def what_to_choose(field: str, say: Speaker) -> str:
    """Say the question over a list to choose in."""
    return {
        "next": say.text("Vad ska nästa träff ta upp?"),
        "obstacle": say.text("Vad hindrar er mest just nu?"),
        "wish": say.text("Vad skulle hjälpa er mest?"),
    }[field]


def option(key: str, say: Speaker) -> str:
    """Name an obstacle or a wish."""
    return {
        "obstacle_time": say.text("Tiden räcker inte"),
        "obstacle_funding": say.text("Finansieringen är osäker"),
        "obstacle_anchoring": say.text("Stöd från ledningen"),
        "obstacle_cooperation": say.text("Samverkan med polis och åklagare"),
        "obstacle_region": say.text("Samverkan med regionen"),
        "obstacle_turnover": say.text("Personer slutar"),
        "obstacle_distance": say.text("Långa avstånd"),
        "obstacle_secrecy": say.text("Sekretess och juridik"),
        "wish_circle": say.text("Träffa min krets oftare"),
        "wish_visit": say.text("Studiebesök hos ett annat RC"),
        "wish_templates": say.text("Mallar och blanketter att låna"),
        "wish_training": say.text("Utbildning tillsammans"),
        "wish_cases": say.text("Fler avidentifierade ärenden att lära av"),
        "wish_agencies": say.text("Träffa polis, åklagare eller region"),
        "wish_leadership": say.text("Att NCH talar med vår ledning"),
        "wish_nch": say.text("Tätare kontakt med NCH"),
    }[key]


def levels(say: Speaker) -> tuple[Choice, ...]:
    """The four levels of agreement."""
    return (
        ("4", say.text("Stämmer helt")),
        ("3", say.text("Stämmer ganska bra")),
        ("2", say.text("Stämmer dåligt")),
        ("1", say.text("Stämmer inte alls")),
    )


def said(choices: Iterable[Choice], value: str) -> str:
    """Return the label of a value."""
    return dict(choices)[value]


def category(value: str, say: Speaker) -> str:
    """Name a category of the theme bank."""
    names: Mapping[str, str] = {
        "organisation": say.text("Organisation"),
        "anchoring": say.text("Förankring"),
        "finance": say.text("Finansiering"),
        "governance": say.text("Styrning"),
        "legal": say.text("Juridik"),
        "subject": say.text("Sakfrågor"),
        "method": say.text("Metod"),
        "cooperation": say.text("Samverkan"),
        "communication": say.text("Kommunikation"),
        "statistics": say.text("Statistik"),
        "peer_support": say.text("Kollegialt stöd"),
    }
    return names[value]


def session_texts(say: Speaker) -> Mapping[str, str]:
    """Name the texts of a session."""
    return {
        "purpose_sv": say.text("Syfte, på svenska"),
        "purpose_en": say.text("Syfte, på engelska"),
        "task_sv": say.text("Uppgift, på svenska"),
        "task_en": say.text("Uppgift, på engelska"),
        "preparation_sv": say.text("Förberedelse, på svenska"),
        "preparation_en": say.text("Förberedelse, på engelska"),
    }


def formats(say: Speaker) -> Mapping[str, str]:
    """Name the formats that suit a theme."""
    return {
        "talk": say.text("Genomgång"),
        "workshop": say.text("Arbetspass"),
        "best_case": say.text("Gott exempel"),
        "case_round": say.text("Anonymiserade fall"),
        "question_time": say.text("Frågestund med NCH"),
    }


def role(value: str, say: Speaker) -> str:
    """Name a role that a theme concerns."""
    names = dict(functions(say)) | {
        "all": say.text("alla"),
        "barnahus_head": say.text("Barnahus chef"),
        "cmv_head": say.text("CMV:s chef"),
        "steering_group": say.text("styrgruppen"),
        "chefsgrupp": say.text("chefsgruppen"),
        "communicator": say.text("kommunikatör"),
        "social_services": say.text("socialtjänsten"),
        "police": say.text("polisen"),
        "prosecutor": say.text("åklagare"),
        "region": say.text("regionen"),
    }
    name = names.get(value, value)
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
