"""Several rounds at tables, such as a year of case rounds: nobody sits with the same RC twice."""
