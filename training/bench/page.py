"""The open bench's tables as Markdown: `python -m training.bench.page FACTS.json PAGE.md`.

FACTS is what `diffannot evaluate --bench open --json` wrote. The tables go between the two marks
in the page, in the place of those that are there.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import DiffAnnotError, UnreadableInput
from core.formats.files import replacing

Facts = dict[str, Any]

BEGIN, END = "<!-- open bench: begin -->", "<!-- open bench: end -->"
MAIN = ("4 px", "none")
POINTS = {"ahead": "", "not apart": " =", "behind": " !"}
"""What stands behind another arm's number by how ours compares with it."""


def page(facts: Facts) -> str:
    """Return all tables."""
    parts = [_preface(facts), _targets(facts)]
    frontends = [name for name in facts["people"] if name in facts["frontends"]]
    for source in frontends:
        for condition in MAIN:
            parts.append(_arms(facts, source, condition))
    parts += [_measures(facts, frontends)]
    parts += [_noise(facts, source) for source in frontends]
    parts += [_families(facts, condition) for condition in MAIN]
    parts += [_recommenders(facts), _seeds(facts)]
    return "\n\n".join(part for part in parts if part)


def into(text: str, tables: str) -> str:
    """Put tables between the marks of a page.

    Raises
    ------
    UnreadableInput
        The marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UnreadableInput("The page has no place for the tables", f"Put {BEGIN} {END} there")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _preface(facts: Facts) -> str:
    people = ", ".join(f"{name} {count}" for name, count in facts["people"].items())
    machine, spent = facts["machine"], sum(facts["seconds"].values())
    lines = [
        f"Test split of the open bench; people: {people}. Ours is `{facts['ours']}`, steps are "
        f"suggested by `{facts['recommender']}`. MPJPE in mm of {len(facts['joints'])} joints, "
        f"root {facts['root']}, {facts['averaging']}. Intervals: {facts['interval']}. Fixed "
        f"steps: {facts['fixed_steps']}. {spent / 60:.0f} minutes in {facts['processes']} "
        f"processes of one thread ({machine['processor']}).",
        *(f"Left out: {one}." for one in facts["left_out"]),
    ]
    return "\n".join(lines)


def _targets(facts: Facts) -> str:
    rows = [
        (one["what"], one["where"], _number(one["value"]), one["target"], _yes(one["met"]))
        for one in facts["targets"]
    ]
    return _table("Targets", ("what", "where", "found", "target", "met"), rows)


def _arms(facts: Facts, source: str, condition: str) -> str:
    """One row an arm: errors at every choice of a step, and how good the choice is."""
    cells = _cells(facts, source, condition)
    if not cells:
        return ""
    first = cells[0]["errors"]["Θ1"]["MPJPE mm"]["mean"]
    differences = {
        one["arm"]: one
        for one in facts["differences"]
        if (one["source"], one["condition"]) == (source, condition)
    }
    rows = []
    for cell in cells:
        errors = {pick: each["MPJPE mm"]["mean"] for pick, each in cell["errors"].items()}
        against = differences.get(cell["arm"])
        rows.append(
            (
                _name(facts, cell["arm"]),
                f"{errors['fixed']:.1f} ({cell['fixed_step']})",
                f"**{errors['suggested']:.1f}** "
                + _between(cell["errors"]["suggested"]["MPJPE mm"]),
                f"{errors['by part']:.1f}" if cell["arm"] == facts["ours"] else "",
                f"{errors['oracle']:.1f}",
                f"{errors['null oracle']:.1f}",
                _number(cell["ratio"]["mean"], 2),
                f"{cell['worse']['mean']:.1%}",
                f"{cell['kept']:.0%}",
                f"{cell['regret']['mean']:.1f} / {cell['regret']['p90']:.1f}",
                _number(cell["share_of_oracle_gain"]["mean"], 2),
                f"{cell['best_of_shown']['mean']:.1f}",
                _number(cell["correlation"]["value"], 2),
                "" if against is None else f"{against['mean']:+.1f} {_between(against)}",
            )
        )
    what = "no keypoints" if condition == "none" else f"keypoints {condition} off"
    title = (
        f"{source}, {what}: {cells[0]['people']} people, {cells[0]['takes']} takes, Θ1 {first:.1f}"
    )
    heads = (
        *("arm", "fixed (step)", "suggested", "by part", "oracle *", "null oracle *", "of Θ1"),
        *("worse", "kept", "regret, p90 *", "share of gain *", "best of 3 *", "corr. *"),
        f"{facts['ours']} less this",
    )
    return _table(title, heads, rows)


def _measures(facts: Facts, frontends: Sequence[str]) -> str:
    """Ours by every measure at every choice."""
    rows = []
    for source in frontends:
        for condition in MAIN:
            for cell in _cells(facts, source, condition):
                if cell["arm"] == facts["ours"]:
                    rows += [
                        (
                            f"{source}, {condition}",
                            pick,
                            *(f"{one['mean']:.1f} {_between(one)}" for one in each.values()),
                        )
                        for pick, each in cell["errors"].items()
                    ]
    heads = ("", "step by", "MPJPE", "PA-MPJPE", "PVE", "MPJAE °", "2D px")
    return _table(f"`{facts['ours']}` by every measure", heads, rows)


def _noise(facts: Facts, source: str) -> str:
    """Error at the suggestion under every condition."""
    conditions = list(facts["conditions"])
    cells = {
        (one["condition"], one["arm"]): one for one in facts["cells"] if one["source"] == source
    }
    verdicts = {
        (one["condition"], one["arm"]): POINTS[one["verdict"]]
        for one in facts["differences"]
        if one["source"] == source
    }
    arms = dict.fromkeys(arm for _, arm in cells)
    rows = []
    for arm in arms:
        if all((condition, arm) in cells for condition in conditions):
            each = [
                f"{cells[condition, arm]['errors']['suggested']['MPJPE mm']['mean']:.1f}"
                + verdicts.get((condition, arm), "")
                for condition in conditions
            ]
            rows.append((_name(facts, arm), *each))
    first = [
        f"{cells[condition, facts['ours']]['errors']['Θ1']['MPJPE mm']['mean']:.1f}"
        for condition in conditions
        if (condition, facts["ours"]) in cells
    ]
    title = f"{source}, MPJPE at the suggestion (= ours is not apart from it, ! ours is behind)"
    return _table(title, ("arm", *conditions), [("Θ1", *first), *rows])


def _families(facts: Facts, condition: str) -> str:
    """Change at the suggestion by family."""
    families = [name for name in facts["people"] if name not in facts["frontends"]]
    cells = {
        (one["source"], one["arm"]): one
        for one in facts["cells"]
        if one["condition"] == condition and one["source"] in families
    }
    rows = []
    worst = {one["arm"]: one for one in facts["never_worse"]}
    for arm in dict.fromkeys(arm for _, arm in cells):
        each = [
            f"{cells[family, arm]['change']['mean']:+.1f} {_between(cells[family, arm]['change'])}"
            if (family, arm) in cells
            else ""
            for family in families
        ]
        never = worst[arm]
        verdict = "never" if never["never_worse"] else f"{never['family']}, {never['condition']}"
        rows.append((_name(facts, arm), *each, verdict))
    first = [
        f"{cells[family, facts['ours']]['errors']['Θ1']['MPJPE mm']['mean']:.1f}"
        for family in families
        if (family, facts["ours"]) in cells
    ]
    what = "no keypoints" if condition == "none" else f"keypoints {condition} off"
    title = f"Error families never trained on, {what}: change of MPJPE at the suggestion"
    heads = ("arm", *families, "worse on average than Θ1")
    return _table(title, heads, [("Θ1", *first, ""), *rows])


def _recommenders(facts: Facts) -> str:
    rows = [
        (
            f"{one['source']}, {one['condition']}",
            facts["recommender"] if one["recommender"] == "default" else one["recommender"],
            f"{one['error']['mean']:.1f} {_between(one['error'])}",
            f"{one['regret']['mean']:.1f}",
            f"{one['worse']['mean']:.1%}",
        )
        for one in facts["recommenders"]
    ]
    title = f"Who suggests, on the paths of `{facts['ours']}`"
    return _table(title, ("", "recommender", "MPJPE", "regret *", "worse"), rows)


def _seeds(facts: Facts) -> str:
    rows = [
        (
            f"{one['source']}, {one['condition']}",
            f"{one['mean']:.1f}",
            f"{one['spread']:.1f}",
            ", ".join(f"{each:.1f}" for each in one["each"]),
        )
        for one in facts["seeds"]
    ]
    heads = ("", "mean of MPJPE", "standard deviation", "each")
    return _table(f"`{facts['ours']}` from other training seeds, suggested", heads, rows)


def _cells(facts: Facts, source: str, condition: str) -> list[Facts]:
    return [
        one for one in facts["cells"] if (one["source"], one["condition"]) == (source, condition)
    ]


def _name(facts: Facts, arm: str) -> str:
    return f"**`{arm}`**" if arm == facts["ours"] else f"`{arm}`"


def _between(one: Facts) -> str:
    return f"[{one['low']:.1f}, {one['high']:.1f}]"


def _number(value: Any, digits: int = 3) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:.{digits}f}"


def _yes(met: bool) -> str:
    return "yes" if met else "**no**"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield from (f"**{title}**", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
        for row in rows:
            yield f"| {' | '.join(row)} |"

    made = list(lines())
    return "\n".join(made) if len(made) > 4 else ""


def main(arguments: list[str]) -> int:
    """Refresh a page; 2 where it or the facts cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.bench.page", description=__doc__)
    parser.add_argument("facts", type=Path, help="what evaluate --json wrote")
    parser.add_argument("page", type=Path, help="the Markdown to refresh")
    chosen = parser.parse_args(arguments)
    try:
        text = into(chosen.page.read_text(), page(json.loads(chosen.facts.read_text())))
        with replacing(chosen.page) as file:
            file.write(text.encode())
    except (DiffAnnotError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
