"""Side-by-side load measurements on loopback; never part of the test run."""
