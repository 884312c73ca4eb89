"""What every feature stands on: database, language, pages, guard, errors, clock, files, mail, limits; it knows none of them."""
