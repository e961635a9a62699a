"""`voicehooks sandbox`: the emulator of Twilio and Supabase, which is another program."""
