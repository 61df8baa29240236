"""The measurements: each sets up what it compares, lets the load take turns, and says what it found."""
