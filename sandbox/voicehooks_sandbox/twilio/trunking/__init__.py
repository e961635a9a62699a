"""Elastic SIP trunks: where a number's calls go, and what is asked if nobody answers there."""
