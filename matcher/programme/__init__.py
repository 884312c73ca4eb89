"""Sessions to slots and rooms, delegates to sessions."""
