"""The page of journeys: ask for one, correct a leg, read a table of them in."""
