"""What every command shows in the same way."""
