"""Polls follow who is in a circle: whoever leaves a post there takes no working address along."""

import secrets

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.news import FunctionHandedOver, HandOverMade
from api.accounts.service import hash_of
from api.audit.service import record
from api.availability import asking, queries
from api.networks import queries as networks


def on_hand_over_made(session: Session, news: HandOverMade) -> None:
    """Give the polls of a post's circles new addresses when somebody has left the post.

    The addresses are passed on by hand, so nobody knows who has which: all old ones end, also those
    of own answers. The answers stay, and members find the new address on the circle's page.
    """
    made = accounts.hand_over(session, news.hand_over_id)
    if made is None:
        return
    left = {made.from_holder_id, made.from_deputy_id} - {made.to_holder_id, made.to_deputy_id}
    function = accounts.function(session, made.function_id)
    home = accounts.body(session, function.body_id) if function else None
    if not left - {None} or home is None or home.rc_id is None:
        return
    for poll in queries.polls_of(session, networks.networks_of_rc(session, home.rc_id)):
        poll.address = secrets.token_urlsafe(24)
        session.add(poll)
        for answer in queries.answers(session, poll.id):
            answer.key_hash = hash_of(secrets.token_urlsafe(32))
            session.add(answer)
        record(session, made.actor, "renewed links", ("poll", poll.id))
    session.flush()


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The links that the old holder was mailed end; the new one is asked by a mail of their own."""
    for asked in queries.asked_of_function(session, news.function_id):
        for link in queries.links_of(session, asked.id):
            session.delete(link)
        session.flush()
        if news.to_person_id is not None:
            asking.ask_again(session, asked, news.at)
