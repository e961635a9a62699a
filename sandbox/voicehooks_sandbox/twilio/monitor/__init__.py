"""What went wrong: alerts of an account and notifications of a call, two views of one record."""
