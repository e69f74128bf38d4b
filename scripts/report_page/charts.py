"""Draws charts with Altair and turns them into SVG that needs no script.

Each chart is drawn twice, for wide pages and for phones. Colours are variables of
the page's style sheet, so one drawing serves light, dark and print.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

import altair as alt
import vl_convert

Row = dict[str, Any]

SVG = "http://www.w3.org/2000/svg"
FONT = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif"
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
# Drawn as lines, so that no font has to have them.
CHECK = "M-0.45,0.02L-0.12,0.36L0.48,-0.38"
CROSS = "M-0.38,-0.38L0.38,0.38M0.38,-0.38L-0.38,0.38"
DASH = "M-0.3,0L0.3,0"
SQUARE = "M-0.5,-0.5H0.5V0.5H-0.5Z"
DOT = "M0,-0.18A0.18,0.18 0 1 1 0,0.18A0.18,0.18 0 1 1 0,-0.18Z"
# What Vega writes, and what the report keeps of it.
ELEMENTS = {"svg", "g", "path", "rect", "line", "text", "tspan", "title"}
ATTRIBUTES = {
    *("class", "d", "dx", "dy", "fill", "fill-opacity", "font-size"),
    *("font-weight", "font-style", "height", "opacity", "stroke", "stroke-dasharray"),
    *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity"),
    *("stroke-width", "text-anchor", "transform", "viewBox", "width", "x", "x2"),
    *("y", "y2", "x1", "y1", "stroke-dashoffset"),
}
# Roles within an image say nothing; frames are not drawn.
DROPPED = {"cursor", "font-family", "display", "pointer-events", "role", "version"}
FRAMES = {"background", "foreground"}
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")


class Size(NamedTuple):
    """What a drawing is made for.

    Attributes:
        name: the class of the page's style sheet that shows it.
        width: of the whole drawing, in pixels.
        characters: how long a label above a bar may be.
    """

    name: str
    width: int
    characters: int

    @property
    def is_wide(self) -> bool:
        """Whether there is room for more than one column."""
        return self is WIDE


WIDE = Size("wide", 860, 110)
NARROW = Size("narrow", 320, 46)


class Series(NamedTuple):
    """A part of a stacked bar: told by its filling, not by its colour alone.

    Attributes:
        key: its value in the rows.
        label: what the legend calls it.
        style: the class of the legend's swatch, and the name of its colour.
        is_outlined: whether only its edge has the full colour.
    """

    key: str
    label: str
    style: str
    is_outlined: bool = False

    @property
    def colour(self) -> str:
        """The colour of its edge."""
        return f"var(--{self.style})"

    @property
    def filling(self) -> str:
        """The colour of its inside."""
        return f"var(--{self.style}-light)" if self.is_outlined else self.colour


def shortened(text: str, length: int) -> str:
    """Cut a text in its middle: the end of an ARN tells as much as its beginning."""
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{text[: length - 1 - tail]}…{text[-tail:]}"


def unlike(texts: Sequence[str], length: int) -> list[str]:
    """Shorten texts so that each is still told from the others."""
    used: set[str] = set()
    found = []
    for text in texts:
        label, number = shortened(text, length), 1
        while label in used:
            number += 1
            end = f" ({number})"
            label = shortened(text, length - len(end)) + end
        used.add(label)
        found.append(label)
    return found


def _data(rows: list[Row]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _order(values: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(values), paddingInner=0.2, paddingOuter=0.1)


def _series_channels(series: Sequence[Series]) -> dict[str, Any]:
    keys = [one.key for one in series]
    return {
        "fill": alt.Fill(
            "series:N",
            scale=alt.Scale(domain=keys, range=[one.filling for one in series]),
            legend=None,
        ),
        "stroke": alt.Stroke(
            "series:N",
            scale=alt.Scale(domain=keys, range=[one.colour for one in series]),
            legend=None,
        ),
    }


def _ranked(rows: list[Row], series: Sequence[Series]) -> list[Row]:
    ranks = {one.key: number for number, one in enumerate(series)}
    return [{**row, "series_rank": ranks[row["series"]]} for row in rows]


def _days(periods: Sequence[str], width: int) -> alt.X:
    """Return the axis of days or weeks, with as many labels as have room."""
    every = -(-len(periods) // max(2, width // 62))
    pattern = "%-d %b" if periods[0][:4] == periods[-1][:4] else "%-d %b %y"
    return alt.X(
        "period:O",
        title=None,
        scale=_order(periods),
        axis=alt.Axis(
            values=list(periods[::every]),
            labelExpr=f"utcFormat(toDate(datum.value), '{pattern}')",
            labelAngle=0,
            labelOverlap=True,
            ticks=False,
        ),
    )


def _amount(title: str | None, ticks: int) -> alt.Y:
    return alt.Y(
        "amount:Q",
        title=title,
        stack="zero",
        axis=alt.Axis(
            tickCount=ticks, tickMinStep=1, format="~s", domain=False, ticks=False
        ),
    )


def over_time(
    rows: list[Row],
    periods: Sequence[str],
    series: Sequence[Series],
    unit: str,
    size: Size,
) -> alt.Chart:
    """Return stacked bars by day or week.

    Args:
        rows: `period`, `series`, `amount` and `label`, what the mark says.
        periods: every day or week of the axis.
        series: the parts, the lowest first.
        unit: what the bars count.
        size: what it is drawn for.
    """
    width = size.width - 62
    return (
        alt.Chart(_data(_ranked(rows, series)))
        .mark_bar(strokeWidth=1)
        .encode(
            x=_days(periods, width),
            y=_amount(unit, 4),
            order="series_rank:Q",
            description="label:N",
            **_series_channels(series),
        )
        .properties(width=width, height=190)
    )


def over_time_by_panel(
    rows: list[Row],
    panels: Sequence[str],
    periods: Sequence[str],
    series: Sequence[Series],
    columns: int,
    size: Size,
) -> alt.FacetChart:
    """Return a small chart for each panel, each with a scale of its own.

    Args:
        rows: as of `over_time`, and `panel`.
        panels: their titles, in order.
        periods: every day or week of the axis.
        series: the parts, the lowest first.
        columns: how many panels are side by side.
        size: what it is drawn for.
    """
    width = size.width // columns - 44
    y = _amount(None, 2)
    y.axis.minExtent = y.axis.maxExtent = 30
    most = {
        panel: max((row["amount"] for row in rows if row["panel"] == panel), default=0)
        for panel in panels
    }
    # Nothing is seen of them: they keep a panel without bars, and whole numbers.
    tops = [
        {"panel": panel, "period": periods[0], "amount": max(amount, 2)}
        for panel, amount in most.items()
    ]
    bars = (
        alt.Chart()
        .transform_filter("isValid(datum.series)")
        .mark_bar(strokeWidth=1)
        .encode(
            x=_days(periods, width),
            y=y,
            order="series_rank:Q",
            description="label:N",
            **_series_channels(series),
        )
    )
    room = (
        alt.Chart()
        .transform_filter("!isValid(datum.series)")
        .mark_point(opacity=0, aria=False)
        .encode(x=_days(periods, width), y=y)
    )
    panel = alt.layer(bars, room).properties(width=width, height=58)
    return panel.facet(
        data=_data(_ranked(rows, series) + tops),
        align="all",
        facet=alt.Facet(
            "panel:N",
            sort=list(panels),
            title=None,
            header=alt.Header(labelAnchor="start", labelLimit=width + 30),
        ),
        columns=columns,
        spacing=14,
    ).resolve_scale(y="independent")


def bars(
    rows: list[Row], names: Sequence[str], series: Sequence[Series], size: Size
) -> alt.LayerChart:
    """Return horizontal bars, each below its name.

    Args:
        rows: `name`, `series`, `amount` and `label`.
        names: the bars, in order, each unlike the others.
        series: the parts, the first at the left.
        size: what it is drawn for.
    """
    totals = {
        name: sum(row["amount"] for row in rows if row["name"] == name)
        for name in names
    }
    y = alt.Y("name:N", scale=alt.Scale(domain=list(names)), axis=None)
    amount = alt.X(
        "amount:Q",
        axis=None,
        scale=alt.Scale(domain=[0, max(totals.values(), default=1) or 1]),
        stack="zero",
    )
    drawn = (
        alt.Chart(_data(_ranked(rows, series)))
        .mark_bar(strokeWidth=1, height=10, yOffset=8)
        .encode(
            x=amount,
            y=y,
            order="series_rank:Q",
            description="label:N",
            **_series_channels(series),
        )
    )
    words = [
        {"name": name, "amount": total, "text": f"{total:,}"}
        for name, total in totals.items()
    ]
    titles = (
        alt.Chart(_data(words))
        .mark_text(align="left", baseline="middle", dy=-6, aria=False)
        .encode(x=alt.value(0), y=y, text="name:N")
    )
    numbers = (
        alt.Chart(_data(words))
        .mark_text(align="left", baseline="middle", dx=6, dy=8, aria=False)
        .encode(x=alt.X("amount:Q", axis=None), y=y, text="text:N")
    )
    return alt.layer(drawn, titles, numbers).properties(
        width=size.width - 60, height=alt.Step(34)
    )


def grid(
    rows: list[Row],
    columns: Sequence[str],
    lines: Sequence[str],
    shapes: dict[str, tuple[str, str, bool]],
    size: Size,
) -> alt.LayerChart:
    """Return a table of symbols on coloured cells.

    Args:
        rows: `column`, `line`, `kind`, `label` and `text`, shown beside the symbol.
        columns: the columns, in order.
        lines: the lines, in order, each unlike the others.
        shapes: path, colour and whether the path is filled, by kind.
        size: what it is drawn for.
    """
    x = alt.X(
        "column:N",
        title=None,
        scale=alt.Scale(domain=list(columns), padding=0.06),
        axis=alt.Axis(
            orient="top", labelAngle=0, domain=False, ticks=False, labelLimit=140
        ),
    )
    y = alt.Y(
        "line:N",
        title=None,
        scale=alt.Scale(domain=list(lines), padding=0.08),
        axis=alt.Axis(
            domain=False, ticks=False, labelLimit=230 if size.is_wide else 120
        ),
    )
    kinds = list(shapes)
    colours = [colour for _, colour, _ in shapes.values()]
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    cells = base.mark_rect(cornerRadius=3).encode(
        fill=alt.Fill(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[f"{c[:-1]}-light)" for c in colours]),
            legend=None,
        ),
        description="label:N",
    )
    drawn = [cells]
    for kind, (path, colour, _) in shapes.items():
        drawn.append(
            base.transform_filter({"field": "kind", "equal": kind})
            .mark_point(
                shape=path,
                filled=False,
                stroke=colour,
                strokeWidth=2,
                size=520,
                opacity=1,
                xOffset=-18 if size.is_wide and kind == "not_ready" else 0,
                aria=False,
            )
            .encode()
        )
    if size.is_wide:
        drawn.append(
            base.mark_text(align="left", dx=-4, aria=False).encode(text="text:N")
        )
    return alt.layer(*drawn).properties(
        width=size.width - (250 if size.is_wide else 130),
        height=alt.Step(26),
    )


def calendar(
    rows: list[Row],
    days: Sequence[str],
    lines: Sequence[str],
    shapes: dict[str, tuple[str, str, bool]],
    size: Size,
) -> alt.LayerChart:
    """Return a symbol for each day, a line below its name for each bucket.

    Args:
        rows: `period`, `line`, `kind` and `label`.
        days: every day of the axis.
        lines: the lines, in order, each unlike the others.
        shapes: path, colour and whether the path is filled, by kind.
        size: what it is drawn for.
    """
    width = size.width - 12
    y = alt.Y("line:N", scale=alt.Scale(domain=list(lines)), axis=None)
    side = min(13, width / max(len(days), 1) * 0.8)
    drawn = []
    for kind, (path, colour, is_filled) in shapes.items():
        drawn.append(
            alt.Chart(_data([row for row in rows if row["kind"] == kind]))
            .mark_point(
                shape=path,
                size=side * side,
                stroke=colour,
                fill=colour if is_filled else "transparent",
                strokeWidth=1.4,
                opacity=1,
                yOffset=8,
            )
            .encode(x=_days(days, width).copy(), y=y, description="label:N")
        )
    titles = (
        alt.Chart(_data([{"line": line} for line in lines]))
        .mark_text(align="left", baseline="middle", dy=-7, aria=False)
        .encode(x=alt.value(0), y=y, text="line:N")
    )
    return alt.layer(*drawn, titles).properties(width=width, height=alt.Step(37))


def picture(chart: Any, size: Size, says: str) -> str:
    """Return a chart as an `svg` element.

    Args:
        chart: what Altair made.
        size: what it is drawn for.
        says: what a screen reader says of it.

    Raises:
        ValueError: the drawing holds what a drawing has no need of.
    """
    specification = (
        chart.configure(
            font=FONT,
            background="transparent",
            padding=4,
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--muted)",
            titleColor="var(--muted)",
            titleFontWeight="normal",
            titleFontSize=12,
            labelFontSize=11.5,
            gridColor="var(--line)",
            domainColor="var(--rule)",
            tickColor="var(--rule)",
        )
        .configure_text(color="var(--ink)", fontSize=12)
        .configure_header(labelColor="var(--ink)", labelFontSize=12)
        .to_dict()
    )
    drawing = vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE)
    return embedded(drawing, size, says)


def embedded(drawing: str, size: Size, says: str) -> str:
    """Return a drawing as a part of an HTML page: shapes and texts alone.

    Args:
        drawing: a whole SVG file.
        size: what it was drawn for.
        says: what a screen reader says of it.

    Raises:
        ValueError: the drawing holds what a drawing has no need of.
    """
    root = ElementTree.fromstring(drawing)
    _clean(root)
    width, height = root.get("width"), root.get("height")
    inside = "".join(_written(child) for child in root)
    return (
        f'<svg class="chart {size.name}" role="img" aria-label="{html.escape(says)}"'
        f' viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{inside}</svg>"
    )


def _clean(element: ElementTree.Element) -> None:
    """Keep what is known; what a mark says becomes its title."""
    says = element.get("aria-label")
    is_symbol = element.get("role") == "graphics-symbol"
    for name in list(element.attrib):
        if name.startswith("aria-") or name in DROPPED:
            del element.attrib[name]
        elif name not in ATTRIBUTES:
            raise ValueError(f"a chart has the attribute {name}")
    for child in list(element):
        if _name(child) not in ELEMENTS:
            raise ValueError(f"a chart has the element {_name(child)}")
        if child.get("aria-hidden") == "true" and child.get("class") in FRAMES:
            element.remove(child)
        else:
            _clean(child)
    if says and is_symbol and _name(element) != "g":
        title = ElementTree.SubElement(element, f"{{{SVG}}}title")
        title.text = says


def _name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{SVG}}}")


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _written(element: ElementTree.Element) -> str:
    """Return an element as HTML."""
    name = _name(element)
    attributes = "".join(
        f' {key}="{html.escape(LONG_NUMBER.sub(_rounded, value))}"'
        for key, value in element.attrib.items()
    )
    inside = html.escape(element.text or "") + "".join(map(_written, element))
    return f"<{name}{attributes}>{inside}</{name}>"
