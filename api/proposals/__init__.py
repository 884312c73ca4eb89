"""From rows to a Problem, from a Solution to a draft, reviewed and published version."""
