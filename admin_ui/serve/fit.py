"""Whether configuration and policy would do, in a process of its own: nothing is changed by it."""

from __future__ import annotations

import asyncio

from admin_ui.serve.listen import tls_context
from admin_ui.serve.sockets import Inherited
from gateway.judgement import policies
from gateway.mail.dkim import Signer
from gateway.memory.config import Config, ConfigError
from gateway.memory.faults import unread


async def main(config: Config, stop: asyncio.Event, sockets: Inherited) -> None:
    """Raises ConfigError and PolicyError with every problem; `role` puts them on stderr."""
    Signer(config.dkim)
    try:
        tls_context(config)
    except OSError as error:  # of OpenSSL, which names no file
        raise ConfigError(unread(error).at(config.smtp.tls.certificate)) from None
    if file := config.policy.file:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(unread(error).at(file)) from None
        policies.accept(text, str(file), config)
