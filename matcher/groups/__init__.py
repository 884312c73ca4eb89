"""Peer networks as size-bounded set partitioning."""
