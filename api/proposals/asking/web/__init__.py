"""The page behind the link with which somebody is asked to lead a session."""
