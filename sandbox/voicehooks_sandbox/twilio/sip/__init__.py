"""SIP domains, and the lists that say who may call through them."""
