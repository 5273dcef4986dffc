"""A program of its own that offers requests to a grmd and prints what came of each.

The standard input holds one JSON object: socket, requests (base64 of messages), and either clients
(each sends its next request when it has its reply) or rate (requests a second, whatever comes back),
seconds, connections. It prints one JSON array: [sent, seconds, outcome] of each call, by this
machine's monotonic clock; the outcome is "reply" or the error's code.
"""

import asyncio
import base64
import json
import sys
import time

from grmd import AsyncClient, GrmdError
from grmd._generated.grm.v1 import scoring_pb2 as wire


class Offer:
    """The calls of a run."""

    def __init__(self, order, clients):
        self.order, self.clients, self.calls = order, clients, []
        self.messages = [wire.ScoreRequest.FromString(base64.b64decode(each))
                         for each in order["requests"]]

    async def call(self, number):
        message = self.messages[number % len(self.messages)]
        sent = time.monotonic()
        try:
            await self.clients[number % len(self.clients)].send(message)
            outcome = "reply"
        except GrmdError as error:
            outcome = str(error.code or error.status.name)
        self.calls.append([sent, time.monotonic() - sent, outcome])

    async def closed(self):
        """A number of clients, none of which waits between two calls."""
        count, end = self.order["clients"], time.monotonic() + self.order["seconds"]

        async def client(first):
            number = first
            while time.monotonic() < end:
                await self.call(number)
                number += count

        await asyncio.gather(*(client(first) for first in range(count)))

    async def open(self):
        """Calls at even distances, each a task of its own."""
        rate, begin = self.order["rate"], time.monotonic()
        tasks = []
        for number in range(int(rate * self.order["seconds"])):
            await asyncio.sleep(max(0, begin + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(self.call(number)))
        await asyncio.gather(*tasks)


async def main():
    order = json.load(sys.stdin)
    clients = [AsyncClient(order["socket"]) for _ in range(order["connections"])]
    offer = Offer(order, clients)
    await (offer.closed() if "clients" in order else offer.open())
    for client in clients:
        await client.close()
    json.dump(offer.calls, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
