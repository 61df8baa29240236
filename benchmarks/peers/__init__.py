"""Other authorization servers, installed outside the repository and set up to do the same kind of work."""
