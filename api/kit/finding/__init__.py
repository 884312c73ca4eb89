"""Finding by words what a viewer may see."""
