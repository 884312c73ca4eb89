"""The command `samkrets`: third composition root, one line per command.

A command's module is loaded when it is called: `match` on a bad file answers before the web
service's packages would have been read.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# Name on the command line -> module and the function or Typer in it, in the order of the help.
COMMANDS = {
    "match": "api.commands.engine.match:match",
    "explain": "api.commands.engine.explain:explain",
    "programme": "api.commands.engine.programme:programme",
    "dates": "api.commands.engine.dates:dates",
    "calendar": "api.commands.calendar:app",
    "replies": "api.commands.replies:app",
    "travel": "api.commands.travel:travel",
    "openapi": "api.commands.openapi:openapi",
    "schema": "api.commands.engine.schema:schema",
    "demo": "api.commands.demonstration.demo:demo",
    "serve": "api.commands.running.serve:serve",
    "worker": "api.commands.running.worker:worker",
    "recover": "api.commands.running.worker:recover",
    "doctor": "api.commands.running.operations:doctor",
    "backup": "api.commands.running.operations:backup",
    "restore": "api.commands.running.operations:restore",
    "erase": "api.commands.running.erase:erase",
    "audit": "api.commands.running.operations:audit",
    "migrate": "api.commands.running.migrate:migrate",
    "import": "api.commands.import_:import_",
    "export": "api.commands.export:app",
    "settings": "api.commands.running.settings:settings",
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
        module, _, name = COMMANDS[cmd_name].partition(":")
        made = getattr(import_module(module), name)
        if not isinstance(made, typer.Typer):
            function, made = made, typer.Typer(**_STYLE)
            made.command(cmd_name)(function)
        return typer.main.get_command(made)


app = typer.Typer(name="samkrets", cls=LazyGroup, no_args_is_help=True, **_STYLE)


@app.callback()
def samkrets() -> None:
    """Peer networks, national meetings and calendars for regional resource centres."""


def main() -> None:
    """Run the command line."""
    app()
