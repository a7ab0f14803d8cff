"""The one TLS context of the tests' clients: reading the machine's certificates takes each client 50 ms else."""

import httpx

TRUSTED = httpx.create_ssl_context()
