"""The picture on the page about pacing: when steps begin, when their frames leave, and when a command shows."""

from __future__ import annotations

from collections.abc import Sequence

from .pacing_drive import Step, drive

_FPS = 30
_STEP = 0.012
_STEPS = 60
_FROM = 30
"""The first step that is drawn: by then the pacing has settled."""
_WINDOW = 0.31
_COMMAND = 0.052
"""When the command comes, in seconds from the left edge."""

_LEFT, _WIDTH, _PANEL = 96, 760, 150
_SCALE = (_WIDTH - _LEFT - 14) / _WINDOW
_LABEL = "Without a queue a command shows in the frame of the next step; with four frames waiting, five frames later"
_STYLE = """
  .pacing text { fill: currentColor; font: 12px system-ui, sans-serif; }
  .pacing .title { font-weight: 600; }
  .pacing .number { font-size: 10px; text-anchor: middle; }
  .pacing .line { stroke: currentColor; stroke-opacity: .35; fill: none; }
  .pacing .step { fill: #5b8def; fill-opacity: .55; }
  .pacing .frame { fill: #5b8def; }
  .pacing .seen { fill: #e8833a; fill-opacity: 1; }
  .pacing .command { stroke: #e8833a; stroke-width: 2; fill: none; }
  .pacing .way { stroke: #e8833a; stroke-width: 1.5; stroke-dasharray: 3 3; fill: none; }
"""


def pacing_figure() -> str:
    """The figure, as SVG that is to stand within a page: it takes its ink from there."""
    panels = (
        ("As it comes: no queue", drive([_STEP] * _STEPS, fps=_FPS)),
        ("With buffer_size = 4", drive([_STEP] * _STEPS, fps=_FPS, buffer_size=4)),
    )
    drawn = "".join(_panel(title, steps, 8 + index * _PANEL) for index, (title, steps) in enumerate(panels))
    height = 8 + _PANEL * len(panels)
    return (
        f'<svg class="pacing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{_LABEL}">'
        f"\n<style>{_STYLE}</style>\n{drawn}</svg>\n"
    )


def _panel(title: str, steps: Sequence[Step], top: float) -> str:
    first = steps[_FROM]
    origin = first.shown[0] - 0.01
    command = origin + _COMMAND
    seen = next(step for step in steps if step.began >= command)
    rows = {"steps": top + 34, "frames": top + 84}
    parts = [
        f'<text class="title" x="0" y="{top + 12:.1f}">{title}</text>',
        *(f'<text x="0" y="{y + 17:.1f}">{name}</text>' for name, y in (("run() works", rows["steps"]),)),
        f'<text x="0" y="{rows["frames"] + 17:.1f}">frames leave</text>',
        *(f'<path class="line" d="M{_LEFT} {y + 24:.1f}H{_WIDTH}"/>' for y in rows.values()),
    ]
    for number, step in enumerate(steps):
        mark = " seen" if step is seen else ""
        label = number - _FROM + 1
        begin, end, shown = (_x(time - origin) for time in (step.began, step.ready, step.shown[0]))
        if begin >= _LEFT and end <= _WIDTH:
            parts.append(_bar("step" + mark, begin, rows["steps"], end - begin))
            parts.append(_number((begin + end) / 2, rows["steps"] + 15, label))
        if _LEFT <= shown <= _WIDTH - 14:
            parts.append(_bar("frame" + mark, shown, rows["frames"], 12))
            parts.append(_number(shown + 6, rows["frames"] + 37, label))
    came, begin, shown = (_x(time - origin) for time in (command, seen.began, seen.shown[0]))
    late = (seen.shown[0] - command) * 1000
    parts += [
        f'<path class="command" d="M{came:.1f} {top + 18:.1f}V{rows["steps"] + 24:.1f}"/>',
        f'<text x="{came + 5:.1f}" y="{top + 26:.1f}">a command comes, and shows {late:.0f} ms later</text>',
        f'<path class="way" d="M{begin + 6:.1f} {rows["steps"] + 26:.1f}L{shown + 6:.1f} {rows["frames"] - 2:.1f}"/>',
    ]
    return "\n".join(parts) + "\n"


def _x(seconds: float) -> float:
    return _LEFT + seconds * _SCALE


def _bar(kind: str, x: float, y: float, width: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="22" rx="3"/>'


def _number(x: float, y: float, number: int) -> str:
    return f'<text class="number" x="{x:.1f}" y="{y:.1f}">{number}</text>'
