"""Programme problems and answers as JSON: read strictly, written so that they read back."""
