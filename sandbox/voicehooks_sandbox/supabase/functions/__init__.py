"""Edge Functions: what is deployed (models), how it runs (runner, worker) and its log (log)."""
