"""First drafts of what a session says for itself, where no theme of the bank says it; planners edit them."""

from dataclasses import dataclass

from api.surveys.texts import SessionTexts


@dataclass(frozen=True, slots=True)
class GuestTexts:
    """A guest's session, and what it gives either side in Swedish and English."""

    session: SessionTexts
    gives_sv: str
    gives_en: str


OPENING = SessionTexts(
    "Du vet vad träffen ska ge, vilka som är här och hur din agenda ser ut.",
    "You know what the meeting is for, who is here and what your agenda looks like.",
    "Hälsa på någon från ett RC som du inte känner, och berätta vad du vill ha med dig hem.",
    "Greet someone from an RC that you do not know, and say what you want to take home.",
    "Läs din agenda och det som ska förberedas till passen.",
    "Read your agenda and what to prepare for the sessions.",
)
CLOSING = SessionTexts(
    "Du vet vad som händer med det som kom upp, vem som gör vad och när vi ses igen.",
    "You know what becomes of what came up, who does what and when we meet again.",
    "Berätta om en sak som du gör den första veckan hemma, och en sak som nästa träff borde ta upp.",
    "Say one thing that you will do in your first week at home, and one that the next meeting should take up.",
    "Fundera under dagarna på vad du vill berätta för din chef.",
    "Think during the days about what you want to tell your manager.",
)
CIRCLE_TIME = SessionTexts(
    "Du har träffat din krets på plats, och ni vet vad ni gör tillsammans till nästa gång.",
    "You have met your circle in person, and you know what you do together until next time.",
    "Sitt med din krets. Gå laget runt: vad har hänt hos er, och vad vill ni ha hjälp med? Välj en sak att göra tillsammans, vem som håller i den och när ni ses igen.",
    "Sit with your circle. Go round the table: what has happened at your RC, and what do you want help with? Choose one thing to do together, who is responsible for it and when you meet again.",
    "Ta med en sak som ditt RC vill fråga kretsen om, och din kalender.",
    "Bring one thing that your RC wants to ask the circle, and your calendar.",
)
# A theme that planners have added and not yet written anything of.
UNWRITTEN = SessionTexts(
    "Du har fått svar på de frågor som ditt RC hade med sig om ämnet.",
    "You have answers to the questions that your RC brought on the subject.",
    "Ställ er viktigaste fråga först, och hjälp till att svara på en annans.",
    "Put your most important question first, and help to answer someone else's.",
    "Skriv ned två frågor och välj vilken som är viktigast.",
    "Write down two questions and choose the more important one.",
)
GUESTS = {
    "police": GuestTexts(
        SessionTexts(
            "Du vet vad polisen behöver från ett RC för att kunna utreda, och vad den inte kan göra.",
            "You know what the police need from an RC to be able to investigate, and what they cannot do.",
            "Polisen berättar i tio minuter, sedan frågar ni i tjugo. Börja med en situation där ni inte visste vem ni skulle ringa.",
            "The police speak for ten minutes, then you ask questions for twenty. Begin with a situation in which you did not know who to call.",
            "Skriv upp hur ni når polisen i dag, och när det senast tog stopp.",
            "Write down how you reach the police today, and when it last got stuck.",
        ),
        "Det ger ni oss: vad polisen behöver veta tidigt, och vem vi kan ringa. "
        "Det ger vi er: frågor från flera län på en halvtimme, och färdiga exempel på hur andra län har ordnat samarbetet.",
        "What you give us: what the police need to know early, and who we can call. "
        "What we give you: questions from several counties in half an hour, and ready examples of how other counties have arranged the cooperation.",
    ),
    "prosecutor": GuestTexts(
        SessionTexts(
            "Du vet vilka uppgifter en åklagare behöver för att kunna väcka åtal, och hur ni kan hjälpa till utan att ta över.",
            "You know which details a prosecutor needs to be able to bring charges, and how to help without taking over.",
            "Åklagaren ger två exempel på vad som höll och inte höll i rätten. Fråga sedan vad ni ska skriva ned när någon berättar första gången.",
            "The prosecutor gives two examples of what held up in court and what did not. Then ask what to write down when someone tells you for the first time.",
            "Fundera på vem hos er som dokumenterar ett första samtal, och hur.",
            "Think about who at your RC documents a first conversation, and how.",
        ),
        "Det ger ni oss: vad som behövs för att lagföra, sagt så att den som först möter en våldsutsatt person kan använda det. "
        "Det ger vi er: vägen till dem som vet hur normerna ser ut i olika regioner, och underlag som är bättre från början.",
        "What you give us: what it takes to prosecute, said so that whoever first meets a person exposed to violence can use it. "
        "What we give you: the way to those who know how norms look in different regions, and material that is better from the beginning.",
    ),
    "region": GuestTexts(
        SessionTexts(
            "Du vet var i regionen dörren är öppen för RC, och vad vården vill ha tillbaka.",
            "You know where in the region the door is open to an RC, and what health care wants in return.",
            "Regionen berättar vad ett RC kan göra för en klinik. Säg sedan vilken utbildning ni kan ge och till vem.",
            "The region explains what an RC can do for a clinic. Then say which training you can give and to whom.",
            "Ta reda på vem i er region som redan har ringt er.",
            "Find out who in your region has already called you.",
        ),
        "Det ger ni oss: vilka mottagningar som möter våldsutsatta, och hur beslut fattas hos er. "
        "Det ger vi er: utbildning för personalen och ett nummer att ringa när ni blir osäkra.",
        "What you give us: which clinics meet people exposed to violence, and how decisions are made in your organisation. "
        "What we give you: training for staff and a number to call when you are unsure.",
    ),
}
# A guest of any other kind.
OTHER_GUEST = GuestTexts(
    SessionTexts(
        "Du vet vad gästen behöver av RC för att kunna göra sin del.",
        "You know what the guest needs from RCs to be able to do its part.",
        "Gästen berättar i tio minuter. Sedan är det er tur att fråga.",
        "The guest speaks for ten minutes. Then it is your turn to ask.",
        "Skriv upp en situation där samarbetet har hakat upp sig.",
        "Write down a situation where cooperation got stuck.",
    ),
    "Det ger ni oss: vad ni behöver av RC. Det ger vi er: frågor från flera län på en halvtimme.",
    "What you give us: what you need from RCs. What we give you: questions from several counties in half an hour.",
)
