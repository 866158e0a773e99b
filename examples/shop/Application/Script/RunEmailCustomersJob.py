#!/usr/bin/env run-script
from Generated.Types import EmailCustomersJob


async def run() -> None:
    await EmailCustomersJob.create()
