"""A meeting’s programme given out and taken in by the API, in the formats of the field."""
