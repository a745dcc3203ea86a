"""How a call is checked, shaped, read and explained: no socket, no urllib3.

===============  =================================================================
`operations`     the eleven operations, as data, and the check of a call of one
`request`        a request is checked and shaped: headers, body, what goes to a proxy
`wire`           Python values become JSON values and back; bodies become text
`answers`        an answer becomes a value
`failures`       what went wrong becomes an exception and a word for the retry policy
`secrets`        what is secret, and how it is hidden: in texts, headers, URLs, tracebacks
`urls`           the address of the service, values in a path, where a redirect may lead
`limits`         how long a call may take; and other bounds
`access`         the access token of a client, which credentials are exchanged for
`background`     threads for calls with `async_req`
`logs`           this package's log is shown while a configuration asks for it
`files`          downloads, uploads, the certificate authorities of the environment
`notices`        what callers are told of their mistakes
===============  =================================================================
"""
