"""The answer page, one's own places, and a planner's page of invitations."""
