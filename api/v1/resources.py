"""Where the API shows what a page shows: the page's path, and the path below /api/v1."""

from typing import Final

RESOURCES: Final = {
    "/rc": "/rcs",
    "/rc/{rc_id}": "/rcs/{rc_id}",
    "/natverk": "/networks",
    "/natverk/{network_id}": "/networks/{network_id}",
    "/traffar": "/meetings",
    "/traffar/{meeting_id}": "/meetings/{meeting_id}",
    "/planera/natverk": "/proposals",
    "/planera/natverk/{proposal_id}": "/proposals/{proposal_id}",
    "/prenumerera": "/feeds",
}
