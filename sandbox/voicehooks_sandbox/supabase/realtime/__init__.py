"""Supabase Realtime, emulated: Phoenix channels over a WebSocket, with the messages of supabase/realtime.

`postgres_changes` and broadcasts from the database come from the write-ahead log (pgoutput), and row-level
security is asked for each subscriber. Not emulated: replay of broadcasts, and limits per second. Supabase docs:
guides/realtime/protocol.
"""
