"""The scaling curve: accuracy over the number of judgments, with intervals, as an SVG picture."""

from xml.sax.saxutils import escape

from engine.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, logarithmic, text

COLOURS = ("#1b6ca8", "#b5541c", "#3c8a3f", "#7d4ba0", "#8a6d1b", "#444444")


def picture(series, title, unit="accuracy, %", across="judgments that vote (k)"):
    """An SVG document of {name: [(k, value, low, high)]}; one line a name, its interval behind.
    `unit` and `across` name the axes."""
    points = [point for members in series.values() for point in members]
    counts = sorted({point[0] for point in points})
    low, high = min(point[2] for point in points), max(point[3] for point in points)
    low, high = (low, high) if high > low else (low - 1, high + 1)
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(k, value):
        x = logarithmic(k, counts[0], max(counts[-1], 2 * counts[0]), LEFT, inner_width)
        return x, TOP + inner_height * (high - value) / (high - low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             text(LEFT, TOP - 22, escape(title), "start", 'font-size="15"')]
    for step in range(5):
        value = low + (high - low) * step / 4
        y = at(counts[0], value)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}h{inner_width}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:.1f}", "end"))
    parts += [text(at(k, low)[0], HEIGHT - BOTTOM + 20, str(k)) for k in counts]
    parts.append(text(LEFT + inner_width / 2, HEIGHT - 16, escape(across)))
    parts.append(text(18, TOP + inner_height / 2, escape(unit), "middle",
                      f'transform="rotate(-90 18 {TOP + inner_height / 2:.0f})"'))
    for place, (name, members) in enumerate(series.items()):
        parts += line(name, sorted(members), at, place)
    return "\n".join(parts + ["</svg>\n"])


def line(name, members, at, place):
    """The interval, the line, its marks, and its name in the margin."""
    colour, margin = COLOURS[place % len(COLOURS)], WIDTH - RIGHT + 10
    above = [at(k, high) for k, _, _, high in members]
    below = [at(k, low) for k, _, low, _ in reversed(members)]
    track = [at(k, value) for k, value, _, _ in members]
    return [f'<polygon points="{path(above + below)}" fill="{colour}" opacity="0.15"/>',
            f'<polyline points="{path(track)}" fill="none" stroke="{colour}" stroke-width="2"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in track),
            text(margin, TOP + 16 * (place + 1), escape(name), "start", f'fill="{colour}"')]


def path(places):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def series_of(figures, name="accuracy", prefix=""):
    """{series: [(k, value, low, high)]} of the figures of this name over all items."""
    found = {}
    for each in figures:
        if each.figure == name and each.conditions["group"] == "":
            point = (each.conditions["k"], each.value, each.low, each.high)
            found.setdefault(prefix + each.conditions["series"], []).append(point)
    return found
