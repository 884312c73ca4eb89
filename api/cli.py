"""The command `samkrets`: third composition root, one line per command."""

import typer

from api.commands import dates, export, import_, migrate, schema, serve, settings, worker

app = typer.Typer(
    name="samkrets",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(dates.dates)
app.command()(schema.schema)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(worker.recover)
app.command()(migrate.migrate)
app.command("import")(import_.import_)
app.add_typer(export.app, name="export")
app.command()(settings.settings)


@app.callback()
def samkrets() -> None:
    """Peer networks, national meetings and calendars for regional resource centres."""


def main() -> None:
    """Run the command line."""
    app()
