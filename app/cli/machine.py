"""Commands about this machine: weights, and what works."""

import typer

from app.cli.options import Json
from app.cli.terminal import OUTPUT, SOME_FAILED, complain, print_json, watch

models = typer.Typer(help="Free pretrained weights.", rich_markup_mode=None)


@models.command("list")
def list_models(as_json: Json = False) -> None:
    """Say which weights there are, and which are on this machine."""
    from core.models import status

    found = status()
    if as_json:
        print_json(
            [
                {
                    "name": each.model.name,
                    "ready": each.ready,
                    "path": str(each.path),
                    "sha256": each.model.sha256,
                    "licence": each.model.licence,
                }
                for each in found
            ]
        )
        return
    for each in found:
        state = "ready  " if each.ready else "missing"
        OUTPUT.print(f"{state}  {each.model.name}  {each.model.licence}", markup=False)
    if not all(each.ready for each in found):
        complain("Fetch what is missing with: diffannot models pull")


@models.command()
def pull() -> None:
    """Fetch the weights that are missing, and check them."""
    from core.models import cache_dir
    from core.models import pull as fetch

    watch(fetch())
    OUTPUT.print(f"the weights are ready in {cache_dir()}", markup=False)


def doctor(as_json: Json = False) -> None:
    """Say what works on this machine, and what to do about what does not."""
    from app.doctor import Verdict, examine

    checks = list(examine())
    if as_json:
        print_json([vars(check) for check in checks])
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            OUTPUT.print(f"{check.verdict:7} {check.name:{width}}  {check.found}", markup=False)
            if check.remedy:
                OUTPUT.print(f"{'':7} {'':{width}}  -> {check.remedy}", markup=False)
    if any(check.verdict is Verdict.BROKEN for check in checks):
        raise typer.Exit(SOME_FAILED)


def register(app: typer.Typer) -> None:
    """Add the commands about this machine."""
    app.command()(doctor)
