"""The chaos run: calls go on while everything around them breaks, then the documented repair must be enough.

=============  ============================================================================================
``journal``    what was done, said as it happens
``scene``      the environment in which mishaps happen
``traffic``    calls at a steady rate, and what became of each
``mishaps``    what goes wrong: one function per kind
``storage``    the mishaps of the database's storage
``repair``     what the documents say to do afterwards
``verdict``    whether everything is right again
``run``        the order of it all
=============  ============================================================================================
"""
