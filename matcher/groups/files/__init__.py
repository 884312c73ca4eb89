"""Problems, answers, members and earlier rounds as text: read strictly, written so that they read back."""
