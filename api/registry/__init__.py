"""The register of the regional resource centres: facts, where they come from, and their history."""
