"""TwiML Apps: URLs that many numbers share."""
