"""What publishes or sends acts once, however often its button is pressed or its request is repeated."""
