"""The command `samkrets`: third composition root, one line per command.

A command's module is loaded when it is called: `match` on a bad file answers before the web
service's packages would have been read.
"""

import gc
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# Name on the command line -> module and the function or Typer in it, and what it does, in the order
# of the help: the list of commands loads none of them.
COMMANDS = {
    "match": (
        "api.commands.engine.match:match",
        "Put members in small networks, with a proof of how good they are.",
    ),
    "explain": (
        "api.commands.engine.explain:explain",
        "Tell why members are where they are, and what else could have been.",
    ),
    "programme": (
        "api.commands.engine.programme:programme",
        "Plan which topics run when and where, and who attends what.",
    ),
    "dates": (
        "api.commands.engine.dates:dates",
        "Rank (date, place) choices with figures and reasons; or plan a year; or pair study visits.",
    ),
    "calendar": ("api.commands.calendar:app", "Read calendars that come from outside."),
    "replies": ("api.commands.replies:app", "Read answers that come by mail."),
    "travel": (
        "api.commands.travel:travel",
        "Say how long it takes from door to door, over which legs, and what the figure rests on.",
    ),
    "openapi": (
        "api.commands.openapi:openapi",
        "Print the OpenAPI document of the service; needs no database.",
    ),
    "schema": (
        "api.commands.engine.schema:schema",
        "Print the JSON Schema (draft 2020-12) of a problem file.",
    ),
    "demo": (
        "api.commands.demonstration.demo:demo",
        "Match, plan and publish on the real register with example people, then serve it.",
    ),
    "serve": (
        "api.commands.running.serve:serve",
        "Serve pages, API and feeds; an embedded database is made or upgraded first.",
    ),
    "worker": (
        "api.commands.running.worker:worker",
        "Take jobs until stopped; several workers share one queue, each with a name of its own.",
    ),
    "recover": (
        "api.commands.running.worker:recover",
        "Give the jobs that a lost worker had begun to the other workers.",
    ),
    "doctor": (
        "api.commands.running.operations:doctor",
        "Check settings, database, mail and backups; exit 1 when anything is wrong.",
    ),
    "backup": (
        "api.commands.running.operations:backup",
        "Copy the database whole, while it is in use; prints the copy's path.",
    ),
    "restore": (
        "api.commands.running.operations:restore",
        "Put a copy into an empty database, or prove that it could be.",
    ),
    "erase": (
        "api.commands.running.erase:erase",
        "Erase what has outlived its time: sign-ins and dietary needs; under a decision also people long without a function, old mails' texts and names at past meetings.",
    ),
    "audit": ("api.commands.running.operations:audit", "The log of changes."),
    "migrate": (
        "api.commands.running.migrate:migrate",
        "Create or upgrade the database's tables; a database that cannot be upgraded is named, not touched.",
    ),
    "import": (
        "api.commands.import_:import_",
        "Import RC, contacts or school breaks; when any line of any file is wrong, nothing is written.",
    ),
    "export": ("api.commands.export:app", "Write parts of the database to files."),
    "settings": (
        "api.commands.running.settings:settings",
        "List the SAMKRETS_* environment settings with their values; secrets are not shown.",
    ),
}
_STYLE: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


class LazyGroup(TyperGroup):
    """A group of commands that are loaded one at a time."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's own signature
        """Run a command; what a database, a file or a setting keeps it from is one line, never a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from api.kit.apology import exit_code, in_one_line  # noqa: PLC0415 - only when needed

            line = in_one_line(error)
            if not line:
                raise
            typer.echo(line, err=True)
            raise typer.Exit(exit_code(error)) from error

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Typer's own signature
        """Return the names of all commands, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - the same
        """Load a command; None for a name that is not there."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        made = getattr(import_module(module), name)
        if not isinstance(made, typer.Typer):
            function, made = made, typer.Typer(**_STYLE)
            made.command(cmd_name)(function)
        return typer.main.get_command(made)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - the same
        """Write what each command does, without loading it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


# Loading makes a million objects that stay: looking through them for garbage was a fifth of a start.
RARELY = (50_000, 20, 20)

app = typer.Typer(name="samkrets", cls=LazyGroup, no_args_is_help=True, **_STYLE)


@app.callback()
def samkrets() -> None:
    """Peer networks, national meetings and calendars for regional resource centres."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(*RARELY)
    app()
