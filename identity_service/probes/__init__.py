"""Attacks on a running server that leave nothing behind, by a program that knows HTTP and nothing of the house."""
