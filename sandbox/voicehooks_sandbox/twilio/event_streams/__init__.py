"""Event Streams: sinks, subscriptions, and the delivery of events to webhook sinks."""
