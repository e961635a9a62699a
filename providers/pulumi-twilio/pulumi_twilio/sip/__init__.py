"""SIP: domains with the lists of who may call, and Elastic SIP trunks."""
