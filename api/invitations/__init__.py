"""Invitations by mail: requests, answers, substitutes, waiting lists (RFC 5546, RFC 6047)."""
