"""Event Streams: sinks and subscriptions. Events are not delivered."""
