"""The one grammar of documents: JSON text, what each field is, and every fault with its path."""
