"""What circles need every day: those who are away or back, and what is asked of whom."""

from datetime import datetime

from sqlmodel import Session

from api.circles.absence import keep_absences
from api.circles.convening import ask_to_decide, keep_turns
from api.circles.met import ask_about_yesterday, pass_turns
from api.circles.pulse import take_pulse


def keep_circles(session: Session, at: datetime) -> None:
    """Do what is due in all circles; doing it twice changes nothing."""
    keep_absences(session, at)
    keep_turns(session, at)
    ask_to_decide(session, at)
    ask_about_yesterday(session, at)
    pass_turns(session, at)
    take_pulse(session, at)
