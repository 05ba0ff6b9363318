"""``python -m dispatch.gateways FILE``: the gateway worker, a child of the hub.

Messages come as lines on standard input, results go as lines to standard output
(messages.py), until standard input closes: also when the hub is killed, for the kernel closes
it then. With ``--check`` it only says whether Apprise can use the file.
"""

import argparse
import asyncio
import logging
import signal
import sys
import warnings
from pathlib import Path

import msgspec

from dispatch.errors import SettingsError
from dispatch.gateways.book import Book, load_book
from dispatch.gateways.checking import Refusal, check_services
from dispatch.gateways.door import Door
from dispatch.gateways.messages import LINE_BYTES_MAX
from dispatch.gateways.worker import SEND_TIMEOUT_S, Worker
from dispatch.logs import configure_logs
from dispatch.supervisor import BAD_SETTINGS


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0, 2 for a file that cannot work, 75 for a worker that got stuck."""
    parser = argparse.ArgumentParser(prog="python -m dispatch.gateways")
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the hub's to answer
    logging.disable(logging.CRITICAL)  # Apprise and its libraries quote numbers and keys;
    warnings.simplefilter("ignore")  # our own lines are structlog's, and come through
    configure_logs()
    try:
        book = load_book(given.file)
        door = Door(timeout_s=SEND_TIMEOUT_S)
        check_services(book, door)
    except SettingsError as exc:
        if given.check:
            _say(msgspec.json.encode(Refusal(what=exc.what, remedy=exc.remedy)))
        print(exc, file=sys.stderr)
        return BAD_SETTINGS
    if given.check:
        _say(msgspec.json.encode(Refusal()))
        return 0
    return asyncio.run(_work(book, door))


async def _work(book: Book, door: Door) -> int:
    lines = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin.buffer
    )
    return await Worker(book=book, send=door.send, answer=_say).run(lines)


def _say(line: bytes) -> None:
    """To the hub; when it is gone, so are we in a moment."""
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()  # or the interpreter complains of the lost line at its end


if __name__ == "__main__":
    sys.exit(main())
