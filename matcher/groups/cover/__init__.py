"""One layer as size-bounded set partitioning: numbers only, members are rows of a matrix."""
