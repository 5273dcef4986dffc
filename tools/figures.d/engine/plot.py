"""Seconds per judgment against k, both engines, as an SVG file."""

import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 440, 70, 50, 170, 60
SIDES = {"ours": ("grmd", "#1b6ca8"), "peer": ("llama.cpp at its best", "#b5541c")}


def logarithmic(value, low, high, start, length):
    """Where a value stands on an axis from low to high."""
    return start + length * math.log(value / low) / math.log(high / low)


def decade_ticks(low, high):
    """1, 2 and 5 times powers of ten between two values."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [step * 10.0 ** power for power in range(first, last + 1) for step in (1, 2, 5)]
    return [value for value in every if low <= value <= high]


def text(x, y, content, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{content}</text>'


def draw(points, title, path):
    """Writes the plot of {(side, k): seconds per judgment}."""
    counts = sorted({k for _, k in points})
    low, high = min(points.values()) / 1.3, max(points.values()) * 1.3
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    k_low, k_high = min(counts), max(max(counts), min(counts) * 2)

    def at(k, seconds):
        return (logarithmic(k, k_low, k_high, LEFT, inner_width),
                TOP + inner_height - logarithmic(seconds, low, high, 0, inner_height))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             text(LEFT, TOP - 22, title, "start", 'font-size="15"')]
    for value in decade_ticks(low, high):
        y = at(k_low, value)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}h{inner_width}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:g}", "end"))
    for k in counts:
        parts.append(text(at(k, low)[0], HEIGHT - BOTTOM + 20, str(k)))
    parts.append(text(LEFT + inner_width / 2, HEIGHT - 16, "judgments drawn on one prompt (k)"))
    parts.append(text(18, TOP + inner_height / 2, "seconds per judgment", "middle",
                      f'transform="rotate(-90 18 {TOP + inner_height / 2:.0f})"'))
    for side in SIDES:
        parts += line(side, sorted((k, s) for (who, k), s in points.items() if who == side), at)
    path.write_text("\n".join(parts + ["</svg>\n"]), encoding="utf-8")


def line(side, values, at):
    """One engine's line, its marks and its name at the end."""
    if not values:
        return []
    name, colour = SIDES[side]
    places = [at(*value) for value in values]
    track = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
    return [f'<polyline points="{track}" fill="none" stroke="{colour}" stroke-width="2"/>', *marks,
            text(places[-1][0] + 10, places[-1][1] + 4, name, "start", f'fill="{colour}"')]
