"""How connectors reach their vendors: one paced, bounded, safely retried client for each account."""

from connectors.transport.auth import HeaderAuth, Refreshable, basic, bearer, header_key, token
from connectors.transport.breaker import BreakerPolicy
from connectors.transport.call import Answer, Call, Files, Part, Safety, Uncertain, path_of, segment
from connectors.transport.client import Transport
from connectors.transport.decoding import decode
from connectors.transport.grants import CodeGrant
from connectors.transport.links import web_link
from connectors.transport.pace import Pace
from connectors.transport.retry import Patience
from connectors.transport.secret import Secret
from connectors.transport.setup import Setup
from connectors.transport.signatures import Encoding, is_fresh, is_signed
from connectors.transport.tokens import Memory, Renewed, Token, TokenBox
from connectors.transport.vendor_clock import VendorClock

__all__ = [
    "Answer",
    "BreakerPolicy",
    "Call",
    "CodeGrant",
    "Encoding",
    "Files",
    "HeaderAuth",
    "Memory",
    "Pace",
    "Part",
    "Patience",
    "Refreshable",
    "Renewed",
    "Safety",
    "Secret",
    "Setup",
    "Token",
    "TokenBox",
    "Transport",
    "Uncertain",
    "VendorClock",
    "basic",
    "bearer",
    "decode",
    "header_key",
    "is_fresh",
    "is_signed",
    "path_of",
    "segment",
    "token",
    "web_link",
]
