"""`voicehooks rollback`: an earlier update's program and settings again, as a new update.

=================  ========================================================================================
``target``         which update is gone back to, and why not
``settings``       its settings, with the current secrets or those of the update
``worktree``       its program: the repository at its commit, next to the working tree
``deploy``         plan, update, and what the repository needs to agree again
``numbers``        `--numbers-only`: what the numbers had, from the state alone
``command``        all of it in order
=================  ========================================================================================
"""
