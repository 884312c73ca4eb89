"""Asking those who can lead a session whether they will: one after another, by mail, until somebody says yes."""
