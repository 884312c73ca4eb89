"""A meeting's programme in the formats of the field: pretalx' and frab's schedule, out and in."""
