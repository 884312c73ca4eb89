"""The levels of the objective one after another in exact models: each made as good as can be, then kept."""
