"""An emulator of Twilio's voice API and of a Supabase project, on one machine, offline."""
