"""Who may see, put and answer a question, and for which post."""

from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Post, Viewer, insist, may_see_question
from api.kit.errors import MissingError
from api.networks import queries as networks
from api.networks.models import Network
from api.questions import queries
from api.questions.models import Answer, Audience, Question
from api.registry import queries as registry


def circles_of(session: Session, viewer: Viewer) -> list[Network]:
    """Return today's circles of the viewer's own RC: those it may ask."""
    own = queries.own_circles(session, viewer)
    return [one for one in networks.active_networks(session) if one.id in own]


def asked_rcs(session: Session, question: Question) -> frozenset[str]:
    """Return the RC that a question was put to; of a circle those that were in it then and still are."""
    if question.audience is Audience.CIRCLE and question.network_id is not None:
        present = networks.members(session, [question.network_id])[question.network_id]
        return frozenset(one.rc_id for one in present if one.rc_id in question.asked_ids)
    if question.audience is Audience.ALL:
        return frozenset(registry.names(session))
    return frozenset()


def may_see(session: Session, viewer: Viewer | None, question: Question) -> bool:
    """Whether a viewer may see a question; see the policy."""
    return may_see_question(
        viewer,
        asked_rcs(session, question),
        question.rc_id,
        is_of_circle=question.audience is Audience.CIRCLE,
    )


def question_for(session: Session, viewer: Viewer | None, question_id: str) -> Question:
    """Return a question that the viewer may see.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found = queries.question(session, question_id)
    if found is None:
        raise MissingError
    insist(may_see(session, viewer, found))
    return found


def is_asker(viewer: Viewer | None, question: Question) -> bool:
    """Whether the viewer acts for who asked."""
    if viewer is None:
        return False
    if question.rc_id:
        return question.rc_id in viewer.rc_ids
    return viewer.is_planner


def is_answerer(viewer: Viewer | None, found: Answer) -> bool:
    """Whether the viewer acts for who answered."""
    if viewer is None:
        return False
    return found.rc_id in viewer.rc_ids if found.rc_id else viewer.is_planner


def may_answer(session: Session, viewer: Viewer, question: Question) -> bool:
    """Whether the viewer may answer: an open question that was put to them."""
    return question.closed_at is None and answering_post(session, viewer, question) is not None


def asking_post(session: Session, viewer: Viewer, network: Network | None) -> Post | None:
    """Return the post that asks: of an RC in the circle, else any RC, else a planner's at NCH."""
    members = set(viewer.rc_ids)
    if network is not None:
        rows = networks.members(session, [network.id])[network.id]
        members &= {one.rc_id for one in rows}
    acting = [post for post in viewer.posts if post.acts and post.rc_id in members]
    if network is None and not acting:
        acting = [post for post in viewer.posts if post.role is Role.PLANNER]
    return min(acting, key=lambda post: (not post.is_holder, post.function_id), default=None)


def answering_post(session: Session, viewer: Viewer, question: Question) -> Post | None:
    """Return the post that answers: of an RC that was asked or asks itself, else a planner's."""
    asked = {*asked_rcs(session, question), question.rc_id} - {""}
    acting = [post for post in viewer.posts if post.acts and post.rc_id in asked]
    if not acting and question.audience is not Audience.CIRCLE:
        acting = [post for post in viewer.posts if post.role is Role.PLANNER]
    return min(acting, key=lambda post: (not post.is_holder, post.function_id), default=None)
