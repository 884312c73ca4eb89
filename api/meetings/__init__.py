"""National and network meetings, study visits and series: when, where, in which form, with what focus."""
