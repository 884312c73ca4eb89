"""Study visits between RC: paired exactly, changed by hand, proposed to the two."""
