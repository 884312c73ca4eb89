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
    "Du vet vad träffen ska ge, vilka som är här och hur ditt eget program ser ut.",
    "You know what the meeting is to give, who is here and what your own programme looks like.",
    "Hälsa på någon från ett RC som du inte känner, och berätta vad du vill ha med dig hem.",
    "Greet somebody from an RC that you do not know, and say what you want to take home.",
    "Läs ditt eget program och det som ska förberedas till passen.",
    "Read your own programme and what is to be prepared for its sessions.",
)
CLOSING = SessionTexts(
    "Du vet vad som händer med det som kom upp, vem som gör vad och när vi ses igen.",
    "You know what becomes of what came up, who does what and when we meet again.",
    "Säg en sak som du gör den första veckan hemma, och en sak som nästa träff borde ta upp.",
    "Say one thing that you will do in your first week at home, and one that the next meeting should take up.",
    "Fundera under dagarna på vad du vill berätta för din chef.",
    "Think during the days about what you want to tell your manager.",
)
CIRCLE_TIME = SessionTexts(
    "Du har träffat din krets på plats, och ni vet vad ni gör tillsammans till nästa gång.",
    "You have met your circle in person, and you know what you do together until next time.",
    "Sitt med din krets. Gå laget runt: vad har hänt hos er, och vad vill ni ha hjälp med? Välj en sak att göra tillsammans, vem som håller i den och när ni ses igen.",
    "Sit with your circle. Go round the table: what has happened at your RC, and what do you want help with? Choose one thing to do together, who keeps it and when you meet again.",
    "Ta med en sak som ditt RC vill fråga kretsen om, och din kalender.",
    "Bring one thing that your RC wants to ask the circle, and your calendar.",
)
# A theme that planners have added and not yet written anything of.
UNWRITTEN = SessionTexts(
    "Du har fått svar på de frågor som ditt RC hade med sig om ämnet.",
    "You have answers to the questions that your RC brought on the subject.",
    "Ställ er viktigaste fråga först, och hjälp till att svara på en annans.",
    "Put your most important question first, and help to answer somebody else's.",
    "Skriv ned två frågor och välj vilken som är viktigast.",
    "Write down two questions and choose the more important one.",
)
GUESTS = {
    "police": GuestTexts(
        SessionTexts(
            "Du vet vad polisen behöver från ett RC för att kunna utreda, och vad den inte kan göra.",
            "You know what the police need from an RC to be able to investigate, and what they cannot do.",
            "Polisen berättar i tio minuter, sedan frågar ni i tjugo: börja med en situation där ni inte visste vem ni skulle ringa.",
            "The police tell for ten minutes, then you ask for twenty: begin with a situation in which you did not know whom to ring.",
            "Skriv upp hur ni når polisen i dag, och när det senast tog stopp.",
            "Note how you reach the police today, and when it last came to a halt.",
        ),
        "Det ger ni oss: vad polisen behöver veta tidigt, och vem vi ringer. "
        "Det ger vi er: frågor från hela landet samlade på en halvtimme, och färdiga exempel på hur andra län har ordnat samarbetet.",
        "What you give us: what the police need to know early, and whom we ring. "
        "What we give you: the whole country's questions in half an hour, and ready examples of how other counties have arranged the cooperation.",
    ),
    "prosecutor": GuestTexts(
        SessionTexts(
            "Du vet vilka uppgifter en åklagare behöver för att kunna väcka åtal, och hur ni kan hjälpa till utan att ta över.",
            "You know which details a prosecutor needs to be able to bring charges, and how to help without taking over.",
            "Åklagaren ger två exempel på vad som höll och inte höll i rätten; fråga sedan vad ni ska skriva ned när någon berättar första gången.",
            "The prosecutor gives two examples of what held and did not hold in court; then ask what to write down when somebody tells for the first time.",
            "Fundera på vem hos er som dokumenterar ett första samtal, och hur.",
            "Think about who with you documents a first talk, and how.",
        ),
        "Det ger ni oss: vad som behövs för att lagföra, sagt så att den som möter den utsatta först kan använda det. "
        "Det ger vi er: vägen till dem som vet hur normerna ser ut i olika regioner, och underlag som är bättre från början.",
        "What you give us: what it takes to prosecute, said so that whoever meets the exposed person first can use it. "
        "What we give you: the way to those who know how norms look in different regions, and material that is better from the beginning.",
    ),
    "region": GuestTexts(
        SessionTexts(
            "Du vet var i regionen dörren är öppen för RC, och vad vården vill ha tillbaka.",
            "You know where in the region the door is open to an RC, and what health care wants in return.",
            "Regionen berättar vad ett RC kan göra för en klinik; säg sedan vilken utbildning ni kan ge och till vem.",
            "The region tells what an RC can do for a clinic; then say which training you can give and to whom.",
            "Ta reda på vem i er region som redan har ringt er.",
            "Find out who in your region has already rung you.",
        ),
        "Det ger ni oss: vilka mottagningar som möter utsatta, och hur beslut fattas hos er. "
        "Det ger vi er: utbildning för personalen och ett nummer att ringa när ni blir osäkra.",
        "What you give us: which clinics meet exposed people, and how decisions are made with you. "
        "What we give you: training for staff and a number to ring when you are unsure.",
    ),
}
# A guest of any other kind.
OTHER_GUEST = GuestTexts(
    SessionTexts(
        "Du vet vad gästen behöver av RC för att kunna göra sin del.",
        "You know what the guest needs from RC to be able to do its part.",
        "Gästen berättar i tio minuter; sedan är det er tur att fråga.",
        "The guest tells for ten minutes; then it is your turn to ask.",
        "Skriv upp en situation där samarbetet har hakat upp sig.",
        "Note a situation in which cooperation has got stuck.",
    ),
    "Det ger ni oss: vad ni behöver av RC. Det ger vi er: frågor från hela landet på en halvtimme.",
    "What you give us: what you need from RC. What we give you: questions from the whole country in half an hour.",
)
