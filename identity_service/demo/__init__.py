"""A small relying party to look at: it signs people in with any OpenID provider, and shows what it learns.

It stands for the programs of others, so it knows the protocol and nothing of the house.
"""
