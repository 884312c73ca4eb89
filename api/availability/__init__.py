"""Polls for a time: proposed by any member of a network, answered without an account, booked."""
