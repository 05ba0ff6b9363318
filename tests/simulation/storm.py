"""The storm of a world: who presses, who comes and goes, and each kind of fault."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dispatch.clock import DAY, MINUTE, SECOND
from tests.simulation.chance import Fault
from tests.simulation.radios import Player

if TYPE_CHECKING:
    from tests.simulation.world import World

LOOKS_US: Final = (15 * SECOND, 60 * SECOND)
CLOCK_STEPS: Final = (3 * SECOND, -3 * SECOND, 45 * SECOND, -45 * SECOND, 2 * DAY, -2 * DAY)


class Storm:
    """What befalls one world."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._draw = world.chance.stream("world")

    def begin(self) -> None:
        """Plan it."""
        draw, agenda = self._draw, self._world.agenda
        for player in self._world.players:
            agenda.after(draw.randint(0, 5 * SECOND), player.link)
        for operator in self._world.operators:
            agenda.after(draw.randint(0, 20 * SECOND), partial(self._world.come, operator))
            self._again(operator.act, (2 * SECOND, 15 * SECOND))
        for _ in range(self._world.presses):
            player = draw.choice(self._world.players)
            agenda.after(
                draw.randint(3 * SECOND, self._world.storm_us), partial(self._press, player)
            )
        self._again(self._world.look, LOOKS_US)
        self._again(self._whim, (8 * SECOND, 40 * SECOND))
        for fault, often_us, strike in (
            (Fault.CUT, 12 * SECOND, self._cut),
            (Fault.REBOOT, 30 * SECOND, self._reboot),
            (Fault.HUB_CUT, 30 * SECOND, self._hub_cut),
            (Fault.FORGETS, 30 * SECOND, self._forget),
            (Fault.CLOCK, 30 * SECOND, self._step_clock),
            (Fault.DISK_FULL, 30 * SECOND, self._fill_disk),
            (Fault.KILL, 15 * SECOND, self._light_fuse),
            (Fault.POWER, 25 * SECOND, lambda: self._world.end_life(power=True)),
            (Fault.STOP, 30 * SECOND, self._world.stop),
            (Fault.STALL, 30 * SECOND, self._stall),
            (Fault.AWAY, 20 * SECOND, self._leave),
        ):
            strength = self._world.chance.strength[fault]
            if strength:
                often = round(often_us / strength)
                self._again(strike, (often // 3, often * 2), stream=fault)

    def _again(self, do: Any, between_us: tuple[int, int], *, stream: str = "world") -> None:
        """Now and then, until it is calm."""
        draw = self._world.chance.stream(stream)

        def once() -> None:
            if not self._world.calm:
                do()
                self._world.agenda.after(draw.randint(*between_us), once)

        self._world.agenda.after(draw.randint(*between_us), once)

    def _press(self, player: Player) -> None:
        player.press()
        if self._draw.random() < 0.2:  # in panic: once more at once
            self._world.agenda.after(self._draw.randint(1, 3 * SECOND), player.press)

    def _whim(self) -> None:
        """A bearer calls an alarm off, offers to go, or reports something."""
        player = self._draw.choice(self._world.players)
        kind = self._draw.random()
        if kind < 0.1:
            player.sign_off()
            self._world.agenda.after(self._draw.randint(1, 5 * SECOND), player.cut)
            self._world.agenda.after(self._draw.randint(10, 60) * SECOND, player.link)
        elif kind < 0.35:
            player.report()
        elif kind < 0.6:
            player.call_off()
        else:
            life = self._world.life
            known = sorted(life.hub.incidents) if life is not None else []
            player.offer(self._draw.choice([None, *known]))
        for operator in self._world.operators:
            if operator.page is None:
                self._world.come(operator)

    # --- faults ---

    def _cut(self) -> None:
        draw = self._world.chance.stream(Fault.CUT)
        player = draw.choice(self._world.players)
        player.cut()
        self._world.agenda.after(draw.randint(SECOND, 60 * SECOND), player.link)

    def _reboot(self) -> None:
        draw = self._world.chance.stream(Fault.REBOOT)
        player = draw.choice(self._world.players)
        player.cut()
        player.boot()
        self._world.trace.say("rebooted", player.record.radio)
        self._world.agenda.after(draw.randint(SECOND, 30 * SECOND), player.link)

    def _hub_cut(self) -> None:
        life = self._world.life
        if life is None or life.shell is None:
            return
        self._world.trace.say("hub cut off")
        self._world.broker.detach()
        shell = life.shell
        life.soon(lambda: shell.on_link("connection lost"))
        wait_us = self._world.chance.stream(Fault.HUB_CUT).randint(SECOND, 30 * SECOND)
        self._world.agenda.after(wait_us, self._world.connect, life)

    def _forget(self) -> None:
        self._world.broker.forget()

    def _step_clock(self) -> None:
        self._world.machine.stepped_us += self._world.chance.stream(Fault.CLOCK).choice(CLOCK_STEPS)
        self._world.trace.say("clock is wrong by", self._world.machine.stepped_us)

    def _fill_disk(self) -> None:
        self._world.trace.say("disk full")
        self._world.weather.full = "database or disk is full"
        wait_us = self._world.chance.stream(Fault.DISK_FULL).randint(SECOND, 40 * SECOND)
        self._world.agenda.after(wait_us, self._world.free_disk)

    def _light_fuse(self) -> None:
        self._world.light_fuse(self._world.chance.stream(Fault.KILL).randint(1, 60))

    def _stall(self) -> None:
        life = self._world.life
        if life is not None:
            wait_us = self._world.chance.stream(Fault.STALL).randint(SECOND, 12 * SECOND)
            life.stalled_until = self._world.agenda.now + wait_us
            self._world.trace.say("stands still", wait_us)

    def _leave(self) -> None:
        draw = self._world.chance.stream(Fault.AWAY)
        operator = draw.choice(self._world.operators)
        operator.go()
        self._world.agenda.after(
            draw.randint(SECOND, 2 * MINUTE), lambda: self._world.come(operator)
        )
