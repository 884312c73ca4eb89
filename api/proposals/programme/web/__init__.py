"""Pages of programme proposals: the form, the grid, the figures in words, and versions."""
