"""An HTTPS proxy through which unmodified clients reach the sandbox instead of the vendors.

=============  =============================================================================================
``hosts``      which names the sandbox answers for, which ones it refuses, and that it tunnels all others
``authority``  the certificate authority of one state folder, and the bundle that clients trust
``server``     the proxy itself
``shell``      the variables that lead a shell's programs through it
=============  =============================================================================================
"""
