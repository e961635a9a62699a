"""The one way to Twilio, to Supabase and to the database: answers are validated, errors are `CommandError`.

The providers' own API clients are what asks: they retry, limit themselves and say what a refusal means, in the
same words for a command and for `pulumi up`.
"""
