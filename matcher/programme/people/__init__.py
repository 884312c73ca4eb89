"""Who attends what: agendas by flow, by hand and in CP-SAT."""
