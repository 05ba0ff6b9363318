"""The command ``yihu``: which commands there are, and what becomes of their errors.

What each does is its own module's; only the one that is asked for is loaded, so that
``yihu press`` does not load a console. Where the rooms are put together: wiring.py.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from dispatch.errors import SettingsError, StoreUnreachableError, YihuError
from dispatch.logs import configure_logs

BAD_SETTINGS: Final = 2
"""Exit status when settings cannot work: starting again would not help."""

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives back the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(given)
    options = parser.parse_args(given)
    run: Run | None = getattr(options, "do", None)
    if run is None:
        parser.print_help()
        return BAD_SETTINGS
    configure_logs(
        level=getattr(options, "log_level", "info"), as_json=getattr(options, "log_json", False)
    )
    try:
        return run(options)
    except SettingsError as exc:
        print(f"yihu: {exc}", file=sys.stderr)
        return status_of(exc, supervised=getattr(options, "supervised", False))
    except YihuError as exc:
        print(f"yihu: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read us, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def status_of(exc: SettingsError, *, supervised: bool) -> int:
    """The exit status. A database that does not answer may only be starting, as we are after a
    power cut: the supervisor shall try again. By hand the sentence is enough."""
    return 1 if supervised and isinstance(exc, StoreUnreachableError) else BAD_SETTINGS


# --- the command line ---


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One command: what it is for, and the module where its arguments and its work are found."""

    words: str
    module: str
    run: str = "run"
    arguments: str = "add_arguments"


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Only the command that is asked for is loaded."""
    parser = argparse.ArgumentParser(
        prog="yihu", description="One call, a hundred answers: patrol and alert dispatch."
    )
    parser.add_argument("--version", action=_TellVersion, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, line in _COMMANDS.items():
        command = commands.add_parser(name, help=line.words, description=line.words)
        if name in given[:1]:
            module = import_module(line.module)
            command.set_defaults(do=getattr(module, line.run))
            getattr(module, line.arguments)(command)
    return parser


class _TellVersion(argparse.Action):
    """Looked up only when asked for: what can look it up takes a tenth of every start to load."""

    def __init__(self, option_strings: Sequence[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from importlib.metadata import version

        parser.exit(message=f"yihu {version('yihu')}\n")


_COMMANDS: Final[Mapping[str, CommandLine]] = {
    "run": CommandLine("start everything, and keep it running", "dispatch.wiring"),
    "hub": CommandLine("the hub alone, beside a broker that runs", "dispatch.wiring", "hub"),
    "press": CommandLine("press a radio's red button", "devices.press"),
    "watch": CommandLine("tell the day's story in a terminal", "console.watch"),
    "simulate": CommandLine("walk simulated radios", "devices.simulator.command"),
    "replay": CommandLine("feed recorded traces as radios", "devices.replay"),
    "revoke": CommandLine(
        "cut a radio off at once, until it is enrolled again", "devices.roll", "revoke"
    ),
    "enroll": CommandLine("give a radio of the roster a new secret", "devices.roll", "enroll"),
    "code": CommandLine(
        "print a one-time code that lets a radio in", "devices.roll", "code", "add_code_arguments"
    ),
    "join": CommandLine("exchange a one-time code for a radio's secret", "devices.join_command"),
    "link": CommandLine("print a one-time link to set a password", "console.login.first"),
    "tls": CommandLine(
        "make a certificate, and an authority that phones install", "dispatch.tls.command"
    ),
    "acl": CommandLine("write the files of a Mosquitto broker", "devices.acl_command"),
    "doctor": CommandLine("check this machine, the broker and the store", "devices.doctor.command"),
    "sbom": CommandLine("list what this installation is made of", "dispatch.sbom_command"),
    "plans": CommandLine("check plan books and show them", "dispatch.plan_command"),
    "replay-decision": CommandLine("decide a wave of the past again", "dispatch.replay_command"),
    "history": CommandLine(
        "where a unit was, who was in an area; erase a unit's track", "dispatch.history_command"
    ),
    "audit": CommandLine(
        "whether the journal is whole, what was erased of it and by whose leave",
        "dispatch.audit_command",
    ),
    "person": CommandLine(
        "everything held on a person: hand it out, or erase it", "dispatch.person_command"
    ),
    "tips": CommandLine(
        "the key that opens sealed tips, and which of them it opens", "dispatch.tips.command"
    ),
    "backup": CommandLine(
        "copy everything that cannot be made again, while the hub runs", "dispatch.backup.command"
    ),
    "restore": CommandLine(
        "put a backup into an empty data folder",
        "dispatch.backup.command",
        "run_restore",
        "add_restore_arguments",
    ),
    "verify": CommandLine(
        "walk the journal's chain of hashes, or check an incident file", "dispatch.verify_command"
    ),
}


if __name__ == "__main__":
    sys.exit(main())
