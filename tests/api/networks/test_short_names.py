"""What a circle's meetings are called where colleagues look: to be told apart, and no more."""

import pytest

from api.networks.models import Layer, Network, NetworkForm
from api.networks.service import short_name


@pytest.mark.parametrize(
    ("layer", "swedish", "english", "expected"),
    [
        (Layer.LIKENESS, "Likhetskrets 1.1", "Peer circle 1.1", ("Likhet 1.1", "Peer 1.1")),
        (
            Layer.NEARNESS,
            "Exempel: Grannkrets 1.2: Samråd",
            "Neighbour circle 1.2: Consultation",
            ("Närhet 1.2", "Neighbour 1.2"),
        ),
        (Layer.NEARNESS, "RC i norr", "RC in the north", ("RC i norr", "RC in the north")),
        (
            Layer.LIKENESS,
            "Centrum mot våld i väst",
            "Centres against violence in the west",
            ("Likhet i väst", "Peer in the west"),
        ),
        (Layer.LIKENESS, "Hedersfrågor", "Honour matters", ("Likhet", "Peer matters")),
    ],
)
def test_a_circle_is_told_apart_without_saying_what_it_is_about(
    layer: Layer, swedish: str, english: str, expected: tuple[str, str]
) -> None:
    network = Network(
        layer=layer,
        name_sv=swedish,
        name_en=english,
        form=NetworkForm.DIGITAL,
        evidence={},
        round_id="r",
    )
    assert short_name(network) == expected
