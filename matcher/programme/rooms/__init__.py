"""Rooms and tables for agendas that stand."""
