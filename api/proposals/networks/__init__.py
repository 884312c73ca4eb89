"""Peer networks as proposals: matched, explained, compared, moved by hand, published."""
