"""Mail as rows: first stored, then previewed, sent, retried; never twice."""
