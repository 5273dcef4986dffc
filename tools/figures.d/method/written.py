"""What the judge wrote, read here once more and in another way than the daemon does."""

import re

BOXED = re.compile(r"\\boxed\{([^{}]*)\}")


def fault(judgment, way, count):
    """What is wrong with the scores of a judgment; None if they are those of its own last line."""
    if judgment.outcome != "scored":
        return f"outcome {judgment.outcome}"
    if len(judgment.scores) != count:
        return f"{len(judgment.scores)} scores for {count} responses"
    parts = judgment.parts or (judgment,)
    if sorted({index for part in parts for index in part.order}) != list(range(count)):
        return f"orders {[part.order for part in parts]}"
    for part in parts:
        lists = BOXED.findall(part.text if "\\boxed{" in part.text else "\\boxed{" + part.text)
        if not lists:
            return "no boxed list in what the judge wrote"
        written = [each.strip() for each in lists[-1].split(",")]
        if way == "PAIRWISE":
            if written not in (["1"], ["2"]):
                return f"verdict {written}"
            if shown(judgment, part) != [float(written == ["1"]), float(written == ["2"])]:
                return f"scores {judgment.scores} in order {part.order}, written {written}"
        elif not all(each.isascii() and each.isdigit() and 1 <= int(each) <= 10
                     for each in written):
            return f"scores {written}"
        elif [float(each) for each in written] != shown(judgment, part):
            return f"scores {judgment.scores}, written {written}"
    return None


def shown(judgment, part):
    """The scores of a prompt's responses in the order in which it shows them."""
    return [judgment.scores[index] for index in part.order]


def is_cut_short(text):
    """Whether the score line is not all that was written: with a budget of one token, something
    before it means that the budget ended there."""
    return len(text.strip().splitlines()) > 1
