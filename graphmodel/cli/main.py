"""The command line. Results go to standard output, problems and progress to standard error.

Exit status: 0 done, 1 done and a threshold that the caller set is exceeded, 2 the input or the call
is wrong.
"""

from __future__ import annotations

import click

from graphmodel.cli.app import app
from graphmodel.cli.assess import assess
from graphmodel.cli.attackgraph import attackgraph
from graphmodel.cli.cache import cache
from graphmodel.cli.catalogue import catalogue
from graphmodel.cli.check import check
from graphmodel.cli.completion import completion
from graphmodel.cli.diff import diff
from graphmodel.cli.evidence import evidence
from graphmodel.cli.explain import explain
from graphmodel.cli.export import export
from graphmodel.cli.gaps import gaps
from graphmodel.cli.history import history
from graphmodel.cli.import_ import import_
from graphmodel.cli.importance import importance
from graphmodel.cli.loss import loss
from graphmodel.cli.new import new, schema
from graphmodel.cli.paths import paths
from graphmodel.cli.plan import plan
from graphmodel.cli.posture import posture
from graphmodel.cli.precompile import precompile
from graphmodel.cli.progress import Patience
from graphmodel.cli.query import query
from graphmodel.cli.questionnaire import questionnaire
from graphmodel.cli.report import report
from graphmodel.cli.roadmap import roadmap
from graphmodel.cli.snapshot import snapshot
from graphmodel.cli.solve import solve
from graphmodel.cli.terminal import Program, terminal_look
from graphmodel.outputs.text.look import look
from graphmodel.version import __version__


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="graphmodel")
@click.pass_context
def main(context: click.Context) -> None:
    """Threat modelling of AI systems: attack paths, likelihood, loss and gaps on one explained graph."""
    look.set(terminal_look())
    if context.invoked_subcommand != "app":
        context.obj = Patience()
        context.obj.begin()
        context.call_on_close(context.obj.end)


for command in (
    app,
    new,
    schema,
    import_,
    evidence,
    check,
    assess,
    loss,
    paths,
    gaps,
    questionnaire,
    plan,
    posture,
    roadmap,
    report,
    export,
    importance,
    snapshot,
    diff,
    history,
    explain,
    attackgraph,
    solve,
    query,
    catalogue,
    cache,
    precompile,
    completion,
):
    main.add_command(command)
