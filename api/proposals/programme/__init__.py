"""National meetings' programmes as proposals: planned, looked at, moved by hand, published, repaired."""
