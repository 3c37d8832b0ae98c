"""What a network did to us, for those who look after it."""

from __future__ import annotations

import os
import ssl
from socket import gaierror

from aiosmtplib import SMTPTimeoutError


def words(error: BaseException) -> str:
    """For an operator, and for a sender's report: what happened, and not how it is programmed."""
    if isinstance(error, SMTPTimeoutError | TimeoutError):
        return "timed out"
    below = error.__cause__ or error  # what aiosmtplib wraps has its own words for it
    if isinstance(below, ssl.SSLCertVerificationError):
        return f"the certificate is not good: {below.verify_message}"
    if isinstance(below, ssl.SSLError) and below.reason:
        return f"TLS failed: {below.reason.replace('_', ' ').lower()}"
    if isinstance(below, gaierror):
        return str(below.strerror)
    if isinstance(below, OSError) and below.errno:
        return os.strerror(below.errno)
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]
