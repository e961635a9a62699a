"""The project URL's front door: keys become roles, prefixes are stripped, functions and PostgREST reached."""
