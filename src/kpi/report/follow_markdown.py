"""A follow-up as Markdown, for a report: each kind of statement under its name (F1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.foreign_text import markdown_text as text
from kpi.report import follow_words, words, work_words
from kpi.report.markdown import table
from kpi.results.possible import Range

_STATUS = ("Requirement", "Counted", "Value", "Last day")
_CERTAIN = ("Verdict (certain)", follow_words.CERTAIN, "It takes (certain)")
_IF = (follow_words.IF_NO_NEW_CASE,)
_HEADER = (*_STATUS, *_CERTAIN, *_IF)
_ALIGN = "lrrllrlr"


def follow_markdown(follow_up: FollowUp) -> str:
    """Return a follow-up as Markdown: requirements, score range, groups, assumptions and notes."""
    plan = follow_up.plan
    lines = [f"# {text(plan.title or plan.id)}: follow-up", ""]
    lines += [f"Plan {text(plan.id)}, as of {follow_up.as_of}.", ""]
    weighed = follow_up.result.score is not None
    outlooks = follow_words.leaves(follow_up)
    more: dict[str, Callable[[Outlook], str]] = {}
    if follow_words.has_estimates(follow_up):
        more[follow_words.EXPECTED] = follow_words.expected
    if any(outlook.assessment for outlook in outlooks):
        more["Agency's assessment"] = _assessment
    header = ("Target", "", *(["Weight"] if weighed else []), *_HEADER, *more)
    align = "ll" + ("r" if weighed else "") + _ALIGN + "l" * len(more)
    lines += table(header, align, _rows(follow_up, [*more.values()], weighed=weighed))
    totals = words.totals(follow_up.result)
    lines += ["", f"{totals[:1].upper()}{totals[1:]}."]
    score = follow_words.score_range(follow_up)
    if score is not None:
        lines += ["", f"Score at the end, certain: {score}."]
    lines += _estimates(follow_up)
    lines += _loads(follow_up)
    for outlook in outlooks:
        lines += _groups(outlook)
    lines += ["", *(f"- {kind}: {what}." for kind, what in follow_words.legend(follow_up))]
    lines += ["", "What is certain takes for granted that", ""]
    lines += [f"- {text(assumed)}" for assumed in follow_up.assumes]
    for method, assumes in follow_words.assumed(follow_up).items():
        lines += ["", f"An estimate ({text(method)}) takes for granted that", ""]
        lines += [f"- {text(assumed)}" for assumed in assumes]
    lines += ["", "## Notes", "", *(f"- {text(note)}" for note in follow_up.notes)]
    return "\n".join(lines).rstrip() + "\n"


def _assessment(outlook: Outlook) -> str:
    return follow_words.assessment(outlook.assessment) if outlook.assessment else ""


def _estimates(follow_up: FollowUp) -> Iterator[str]:
    """Yield the section of the estimates, apart from all that is certain (F20 to F28)."""
    if follow_words.has_estimates(follow_up):
        yield from ["", "## Estimates", ""]
    for outlook in follow_words.leaves(follow_up):
        if outlook.estimate is not None:
            line, below = follow_words.estimate(outlook)
            yield f"- {text(outlook.id)}: {text(line)}"
            yield from (f"  - {text(remark)}" for remark in below)


def _loads(follow_up: FollowUp) -> Iterator[str]:
    """Yield the section of the open cases (F33, F34)."""
    loads = work_words.loads(follow_up)
    if loads:
        yield from ["", f"## {work_words.HEADING}", ""]
    for leaf, load in loads:
        line, below = work_words.load(leaf, load)
        yield f"- {text(leaf.id)}: {text(line)}"
        yield from (f"  - {text(remark)}" for remark in below)


def _rows(
    follow_up: FollowUp, more: Sequence[Callable[[Outlook], str]], *, weighed: bool
) -> Iterator[list[str]]:
    rows = zip(words.weighed(follow_up.result), follow_words.leaves(follow_up), strict=True)
    for (goal, record, weight), outlook in rows:
        if goal is not None:
            shared = [words.weight(goal.weight)] if weighed else []
            title = f"**{text(goal.title)}**" if goal.title else ""
            empty = [""] * (len(_HEADER) + len(more))
            yield [f"**{text(goal.id)}**", title, *shared, *empty]
        yield [
            text(record.id),
            text(record.title or ""),
            *([text(weight)] if weighed else []),
            *_cells(outlook),
            *(text(cell(outlook)) for cell in more),
        ]


def _cells(outlook: Outlook) -> list[str]:
    status = outlook.status
    return [
        text(status.requirement),
        follow_words.status(status),
        words.value(status),
        follow_words.last_day(outlook),
        words.VERDICTS[outlook.verdict],
        _with_fractions(follow_words.certain(outlook), outlook.possible),
        follow_words.takes(outlook),
        _with_fractions(follow_words.if_no_new_case(outlook), outlook.known),
    ]


def _with_fractions(shown: str, of: Range | None) -> str:
    """Return bounds with the rows that they are ratios of: "51.5–64.9 % (550/1069 to 641/984)"."""
    ends = [] if of is None else [of.worst_of, of.best_of]
    known = [f"{end[0]}/{end[1]}" for end in ends if end is not None]
    return (
        f"{shown} ({' to '.join(dict.fromkeys(known))})" if len(known) == len(ends) > 0 else shown
    )


def _groups(outlook: Outlook) -> Iterator[str]:
    """Yield the tables of a target's segments, and of its groups by the break-down."""
    each = len(outlook.status.each)
    for groups in (outlook.groups[:each], outlook.groups[each:]):
        if groups:
            yield from [
                "",
                f"## {text(outlook.id)} {text(outlook.status.title or '')}".rstrip(),
                "",
            ]
            names = list(dict.fromkeys(name for group in groups for name in group.status.group))
            header = (*map(text, names), *_HEADER)
            yield from table(header, "l" * len(names) + _ALIGN, _of_groups(groups, names))


def _of_groups(groups: Sequence[Outlook], names: Sequence[str]) -> Iterator[list[str]]:
    for group in groups:
        values = [group.status.group.get(name) for name in names]
        yield ["–" if v is None else text(str(v)) for v in values] + _cells(group)
