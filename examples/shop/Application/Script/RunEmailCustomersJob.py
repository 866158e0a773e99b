#!/usr/bin/env run-script
import argparse
import sys

from Generated.Types import EmailCustomersJob


async def run() -> None:
    argparse.ArgumentParser(allow_abbrev=False).parse_args()
    job = await EmailCustomersJob.create()
    if sys.stdout.isatty():
        print(f"Created EmailCustomersJob {job.id}")
