"""Pages and pictures over everything below: a network whole, one's own circle and meetings."""
