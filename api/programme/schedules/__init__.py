"""A meeting's programme in the formats of the field: pretalx' and frab's schedule, tables, and CoSPLib's workbooks."""
