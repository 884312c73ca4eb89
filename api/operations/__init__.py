"""What an operator needs: is it up, is it ready, figures, copies kept safe, a check of the settings."""
