"""What people read before a meeting and look back at after it: links, never files or case texts."""
