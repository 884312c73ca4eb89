"""The service of Samkrets: pages, API, jobs, mail and calendar feeds over one database."""
