"""After publishing: the smallest change that repairs a plan, at the tables too."""
