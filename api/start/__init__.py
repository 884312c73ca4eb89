"""The first page, the menu, and what the law wants said: accessibility, personal data, cookies, security."""
