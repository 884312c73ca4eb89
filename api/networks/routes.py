"""The API of networks."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.kit.paging import Paged
from api.networks import service
from api.networks.models import Layer, Network, NetworkForm
from api.networks.queries import rounds
from api.registry import queries as registry

api = APIRouter(tags=["networks"])


class MemberOut(BaseModel):
    """An RC in a network."""

    id: Annotated[str, Field(examples=["skaraborg"])]
    name: Annotated[str, Field(examples=["Västra Götaland – Skaraborg"])]


class NetworkOut(BaseModel):
    """A peer network of today."""

    id: Annotated[str, Field(examples=["7f2a5b1f-cd78-4f83-aa96-196587aec1ab"])]
    name_sv: Annotated[str, Field(examples=["Barnahus i väst"])]
    name_en: Annotated[str, Field(examples=["Barnahus in the west"])]
    layer: Layer
    form: NetworkForm
    farthest_km: Annotated[float | None, Field(examples=[92.0], description="Great-circle km.")]
    members: list[MemberOut]
    is_example: bool


class RoundOut(BaseModel):
    """A published, frozen version of all networks and its difference from the one before."""

    number: Annotated[int, Field(examples=[1])]
    published_at: Annotated[str, Field(examples=["2026-11-22T23:10:43+00:00"])]
    groups: list[dict[str, object]]
    changed: list[dict[str, object]]


@api.get("/networks", summary="The networks you may see")
def list_networks(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[NetworkOut]:
    """Return today's networks: members see their own, planners and readers all."""
    names = _names(session)
    found = service.networks_for(session, viewer)
    return [_out(network, rc_ids, names) for network, rc_ids in page.part(found)]


@api.get("/networks/{network_id}", summary="One network")
def get_network(session: Transaction, viewer: SignedInViewer, network_id: str) -> NetworkOut:
    """Return a network; 404 when there is none or it is not for you."""
    network, rc_ids = service.network_for(session, viewer, network_id)
    return _out(network, rc_ids, _names(session))


@api.get("/rounds", summary="Published rounds, newest first")
def list_rounds(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[RoundOut]:
    """Return every published version with its difference; for planners."""
    service.insist_on_planner(viewer)
    return [
        RoundOut.model_validate(
            {
                "number": one.number,
                "published_at": one.published_at.isoformat(),
                "groups": one.frozen["groups"],
                "changed": one.difference["changed"],
            }
        )
        for one in page.part(rounds(session))
    ]


def _names(session: Transaction) -> dict[str, str]:
    return registry.names(session)


def _out(network: Network, rc_ids: tuple[str, ...], names: dict[str, str]) -> NetworkOut:
    return NetworkOut(
        id=network.id,
        name_sv=network.name_sv,
        name_en=network.name_en,
        layer=network.layer,
        form=network.form,
        farthest_km=network.farthest_km,
        members=[MemberOut(id=rc_id, name=names.get(rc_id, rc_id)) for rc_id in rc_ids],
        is_example=network.is_example,
    )
