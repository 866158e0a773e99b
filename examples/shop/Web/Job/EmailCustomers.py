import asyncio
import os
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage

from jobgen_runtime import Job

from Generated.Types import Customer, EmailCustomersJob


class EmailCustomers(Job[EmailCustomersJob]):
    async def perform(self, job: EmailCustomersJob) -> None:
        customers = await Customer.fetch_all("SELECT * FROM customers ORDER BY name")
        mails = [marketing_mail(customer) for customer in customers]
        # smtplib blocks while it waits. In a thread it does not block the worker's other jobs.
        await asyncio.to_thread(send, mails)


def marketing_mail(customer: Customer) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address("The Shop", addr_spec="shop@example.org")
    mail["To"] = Address(customer.name, addr_spec=customer.email)
    mail["Subject"] = "Everything must go"
    mail.set_content(f"Dear {customer.name},\n\ncome and see what is left.\n")
    return mail


def send(mails: list[EmailMessage]) -> None:
    host, port = os.environ.get("SMTP_HOST", "localhost"), int(os.environ.get("SMTP_PORT", "25"))
    with smtplib.SMTP(host, port) as server:
        for mail in mails:
            server.send_message(mail)
