"""Curves as SVG, one panel each, without a library for it."""

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 150, 60, 30


def smooth(points, window):
    """The running mean of points [(x, y)]."""
    result, total = [], 0.0
    for place, (x, y) in enumerate(points):
        total += y
        if place >= window:
            total -= points[place - window][1]
        result.append((x, total / min(window, place + 1)))
    return result


def panel(name, points, top):
    """One curve in its frame: single values grey, their running mean black."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right, low, high = min(xs), max(xs), min(ys), max(ys)

    def place(point):
        x = LEFT + (point[0] - left) / ((right - left) or 1) * (WIDTH - LEFT - 10)
        y = top + HEIGHT - BOTTOM - (point[1] - low) / ((high - low) or 1) * (HEIGHT - BOTTOM - 20)
        return f"{x:.1f},{y:.1f}"

    def line(chosen, colour):
        path = " ".join(place(point) for point in chosen)
        return f'<polyline fill="none" stroke="{colour}" points="{path}"/>'

    texts = [(LEFT, top + 12, name), (4, top + 26, f"{high:.3g}"),
             (4, top + HEIGHT - BOTTOM, f"{low:.3g}"), (LEFT, top + HEIGHT - 14, str(left)),
             (WIDTH - 50, top + HEIGHT - 14, str(right))]
    labels = "".join(f'<text x="{x}" y="{y}" font-size="11" font-family="sans-serif">{text}</text>'
                     for x, y, text in texts)
    window = max(1, len(points) // 20)
    return line(points, "#bbb") + line(smooth(points, window), "#000") + labels


def picture(curves):
    """An SVG document with one panel for each curve {name: [(x, y)]}."""
    panels = [panel(name, points, index * HEIGHT)
              for index, (name, points) in enumerate(curves.items())]
    height = HEIGHT * len(panels)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">'
            f'<rect width="100%" height="100%" fill="#fff"/>{"".join(panels)}</svg>\n')
