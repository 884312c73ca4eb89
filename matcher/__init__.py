"""The engine of Samkrets: peer groups, programmes and dates as optimisation problems; data in, data out."""
