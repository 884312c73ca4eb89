"""Dates problems and answers as JSON: read strictly, written with their reasons."""
