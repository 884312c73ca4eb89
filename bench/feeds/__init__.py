"""Feeds beside FastAPI's bare answer: rates, 304s, p99, and how soon a change is in every feed."""
