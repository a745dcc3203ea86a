"""How a call is checked, shaped, read and explained: no socket, no urllib3.

===============  =================================================================
`operations`     the eleven operations, as data, and the check of a call of one
`request`        checks and shapes a request: headers, body, credentials of a proxy
`wire`           makes JSON of Python values and back, and text of bodies
`answers`        makes the value of an answer
`failures`       makes an exception of a failure, and its kind for the retry policy
`secrets`        hides secrets in texts, headers, URLs and tracebacks
`urls`           the address of the service, values in a path, where a redirect may lead
`limits`         how long a call may take; and other bounds
`background`     threads for calls with `async_req`
`logs`           shows this package's log while a configuration has `debug` set
===============  =================================================================
"""
