"""`voicehooks reconcile`: what Twilio knows and the tables do not is fetched and brought in.

=================  ========================================================================================
``window``         the time that is looked at
``entries``        a call or recording in Twilio's list; what it says as an event; what a row lacks of it
``twilio_side``    Twilio's lists as streams of pages, and single calls and recordings
``ownership``      which of the account's calls are the environment's
``table``          a page compared with its table, brought in, and compared again
``reverse``        the other direction: rows that Twilio does not know
``reconcile``      all of it in order
``result``         what was found, as data
``display``        the same for a person
=================  ========================================================================================

Nothing here grows with the number of calls: pages are streamed, and what must be remembered has a limit.
"""
