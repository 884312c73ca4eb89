"""Meetings to dates, forms and places: one meeting ranked exactly, a year's series, study visits."""
