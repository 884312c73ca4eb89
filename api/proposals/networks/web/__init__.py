"""Pages and API of networks as proposals: what is found, why, what if, and moves by hand."""
