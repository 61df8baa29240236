"""Clients that make load: wrk in a closed loop, an own one in an open loop."""
