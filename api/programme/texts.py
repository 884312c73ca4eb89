"""First drafts of what a session says for itself, by its format; planners edit them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """Purpose, task and preparation in both languages; `%s` is the theme."""

    purpose: tuple[str, str]
    task: tuple[str, str]
    preparation: tuple[str, str]


DRAFTS = {
    "talk": Draft(
        (
            "Du vet vad som gäller i fråga om %s och var du hittar mer.",
            "You know what applies to %s and where to find more.",
        ),
        (
            "Skriv ned en sak som du tar med hem, och säg den till en kollega från ett annat RC.",
            "Write down one thing that you take home, and tell it to a colleague from another RC.",
        ),
        (
            "Ta med en fråga om %s från ditt eget län.",
            "Bring one question on %s from your own county.",
        ),
    ),
    "workshop": Draft(
        (
            "Du går hem med ett första utkast som ni kan arbeta vidare med: %s.",
            "You go home with a first draft to work on: %s.",
        ),
        (
            "Arbeta tre och tre: ett RC berättar, två ställer frågor, byt efter tio minuter.",
            "Work in threes: one RC tells, two ask, change after ten minutes.",
        ),
        (
            "Läs det som ni redan har skrivit om %s, och ta med det.",
            "Read what you have already written on %s, and bring it.",
        ),
    ),
    "case_round": Draft(
        (
            "Du får andras ögon på hur man kan gå vidare i svåra lägen.",
            "You get others' eyes on how to move on in hard situations.",
        ),
        (
            "En i taget berättar i fem minuter om ett avidentifierat fall; de andra frågar först, råder sedan.",
            "One at a time tells an anonymised case in five minutes; the others first ask, then advise.",
        ),
        (
            "Tänk ut ett läge som du vill ha hjälp med. Att utelämna namnet räcker inte: ändra allt som kan peka ut någon.",
            "Think of a situation that you want help with. Leaving out the name is not enough: change all that could point at somebody.",
        ),
    ),
    "best_case": Draft(
        (
            "Du har sett en lösning som fungerar i ett annat län: %s.",
            "You have seen a solution that works in another county: %s.",
        ),
        (
            "Lyssna efter vad som skulle behöva vara annorlunda hos er, och säg det.",
            "Listen for what would have to be different with you, and say it.",
        ),
        (
            "Fundera på vad som har hindrat er i fråga om %s.",
            "Think about what has hindered you in %s.",
        ),
    ),
    "question_time": Draft(
        (
            "Du får svar av NCH på det du undrar över.",
            "You get NCH's answers to what you wonder about.",
        ),
        (
            "Ställ din fråga högt eller på lapp; frågor utan svar följs upp skriftligt.",
            "Ask aloud or on a note; questions without an answer are followed up in writing.",
        ),
        (
            "Skicka gärna din fråga till NCH i förväg.",
            "Feel free to send your question to NCH beforehand.",
        ),
    ),
    "agency": Draft(
        (
            "Du vet vad en myndighet behöver av RC för att kunna göra sin del.",
            "You know what one agency needs from RC to be able to do its part.",
        ),
        (
            "Myndigheten berättar i tio minuter; sedan frågar RC i tjugo.",
            "The agency tells for ten minutes; then RC ask for twenty.",
        ),
        (
            "Skriv upp en situation där samarbetet har hakat upp sig.",
            "Note a situation in which cooperation has got stuck.",
        ),
    ),
    "plenary": Draft(
        (
            "Du vet vad träffen ska ge och hur dagarna är upplagda.",
            "You know what the meeting is to give and how the days are arranged.",
        ),
        (
            "Hälsa på någon från ett RC som du inte känner.",
            "Greet somebody from an RC that you do not know.",
        ),
        ("Läs ditt eget program.", "Read your own programme."),
    ),
}

# The format that fits a theme of each category best, unless the theme bank hints at another.
BY_CATEGORY = {
    "legal": "talk",
    "organisation": "workshop",
    "anchoring": "workshop",
    "finance": "best_case",
    "method": "workshop",
    "cooperation": "best_case",
    "peer_support": "best_case",
    "governance": "question_time",
}


def format_of(theme_id: str, category: str) -> str:
    """Return the format to propose for a theme."""
    return "case_round" if theme_id == "anonymised_cases" else BY_CATEGORY.get(category, "talk")
