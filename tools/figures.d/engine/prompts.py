"""Sixty judging prompts of our own, the same on every machine: fifteen of each length.

Sentences are put together from `material.py` by a counter-based generator; no sentence of more
than a few words stands in two prompts, so that nothing but the template is shared.

  python3 -m engine.prompts      prints them, to be read
"""

from dataclasses import dataclass

from engine.material import SUBJECTS

MASK = (1 << 64) - 1
CLASSES = {"short": 190, "300": 300, "800": 800, "1500": 1500}  # tokens of SmolLM2, about
PER_CLASS = 15
WORDS_PER_TOKEN = 0.826  # of these texts with SmolLM2's tokenizer, markup and template included
TEMPLATE_TOKENS = 164
NAMES = ["Ada", "Benno", "Chiara", "Dmitri", "Edda", "Farid", "Greta", "Hamid", "Ines", "Jonas",
         "Kaja", "Levin", "Mirjam", "Nuno", "Olga", "Piet", "Rosa", "Selma", "Timo", "Veda"]
PLACES = ["at home", "in our village", "at the workshop", "on the coast", "in a rented flat",
          "at my uncle's place", "in the club", "up in the hills", "near the canal", "at school"]
SENTENCES = [
    "In {number} of {larger} cases {thing} {does} as soon as {when}.",
    "What matters first is that {thing} {does}; after that, {follows}.",
    "If {when}, then {follows}, and {name} saw it {number} times {place}.",
    "Do not expect a quick result: {act}, and look again after {number} days.",
    "Many say that {belief}, but with {thing} it is different, since it {does}.",
    "{name} tried to {act} and wrote down {number} readings, of which {larger} were useless.",
    "The reason is plain: {thing} {does} while {when}.",
    "My first suspicion is {thing}, my second that {when}.",
    "Before anything else, {act}; the cost is {number} minutes and no money.",
    "When {when}, {thing} {does}, which is why {follows}.",
    "I would rather {act} than trust the saying that {belief}.",
    "About {number} per cent of the trouble comes from {thing}, for it {does} where {when}.",
    "As long as {thing} {does}, {follows} whatever else you change.",
    "It took {name} {number} weeks to see that {follows} whenever {when}.",
    "You could also {act}, though {follows} if {when}.",
    "Against the belief that {belief} speaks a plain test: {act}, then count to {number}.",
    "Both {thing} and {other} play a part; the latter {does} only if {when}.",
    "{place_start}, {thing} {does} {number} times as often, so {act}.",
    "A note from page {larger} of the handbook: where {when}, {act}.",
    "Whoever claims that {belief} has not seen how {thing} {does}.",
    "Suppose {when}: then {other} {does}, {follows}, and {number} hours are lost.",
    "The order counts: {act}, and only then worry about {other}.",
]
OPENINGS = [
    "Hello, {name} here: {question}? {place_start} we have had this for {number} weeks.",
    "I keep asking myself: {question}? I have {number} euros to spend and one free day.",
    "For a talk with {larger} listeners I have to explain it simply: {question}?",
    "{question_start}? My neighbour {name} says one thing, the book on page {number} another.",
    "Short question from {place}: {question}? Please say how sure you are, on a scale to {number}.",
]
INSTRUCTION = (
    "You judge responses to a conversation. Name two or three criteria with weights, compare the "
    "responses with them in a few sentences, and end with one whole number from 1 to 10 for each.")
CLOSING = "Judge all {count} responses. The last line has the form Scores: \\boxed{{...}}"


class Draws:
    """Numbers that depend on the seed alone (SplitMix64)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, count):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & MASK
        return (mixed ^ mixed >> 31) % count

    def pick(self, items):
        return items[self.below(len(items))]


@dataclass(frozen=True)
class Prompt:
    """One judging prompt; `turns` leaves the judge's answer open."""

    index: int
    length: str
    question: str
    responses: tuple

    def turns(self, case=0):
        """Role and content of each turn. Prompts of another case share no beginning with these."""
        return self.turns_with(self.responses, case)

    def turns_with(self, responses, case=0):
        """The same conversation with other responses."""
        shown = "\n".join(f"[Response {place}]\n{text}\n[/Response {place}]"
                          for place, text in enumerate(responses, 1))
        body = f"[user]\n{self.question}\n[/user]\n{shown}\n" + CLOSING.format(count=len(responses))
        return [["system", f"Case {case:04d}-{self.index:02d}. {INSTRUCTION}"], ["user", body],
                ["assistant", "Criteria:\n"]]


def question_of(draws, subject, place):
    """What is asked; the prompts of one subject ask for different things."""
    asked = [subject.question, "is it true that {belief}", "what is to be done when {when}"][place]
    return asked.format(**{name: draws.pick(items) for name, items in subject.lists.items()})


def sentence(draws, subject, pattern, question=""):
    """A pattern filled with words of a subject."""
    words = {name: draws.pick(items) for name, items in subject.lists.items()}
    others = [thing for thing in subject.lists["thing"] if thing != words["thing"]]
    place = draws.pick(PLACES)
    words |= {
        "other": draws.pick(others), "name": draws.pick(NAMES), "place": place,
        "place_start": place[0].upper() + place[1:], "number": 2 + draws.below(38),
        "larger": 41 + draws.below(900), "question": question,
        "question_start": question[:1].upper() + question[1:],
    }
    text = pattern.format(**words)
    return text[0].upper() + text[1:]


def text_of(draws, subject, words, used):
    """Sentences of at least so many words, none of which was used before."""
    sentences, count = [], 0
    while count < words:
        candidate = sentence(draws, subject, draws.pick(SENTENCES))
        if candidate in used:
            continue
        used.add(candidate)
        sentences.append(candidate)
        count += len(candidate.split())
    return " ".join(sentences)


def prompt(index, length, used):
    """The prompt at a place: a question and two to four responses."""
    draws = Draws(index)
    subject = SUBJECTS[index % len(SUBJECTS)]
    words = int((CLASSES[length] - TEMPLATE_TOKENS) * WORDS_PER_TOKEN)
    asked = question_of(draws, subject, index // len(SUBJECTS))
    question = sentence(draws, subject, draws.pick(OPENINGS), asked)
    count = 2 if words < 300 else 2 + draws.below(3)
    if words > 300:
        question += " " + text_of(draws, subject, words // 5, used)
    left = max(words - len(question.split()), 12 * count)
    shares = [4 + draws.below(5) for _ in range(count)]
    responses = tuple(text_of(draws, subject, left * share // sum(shares) - 6, used)
                      for share in shares)
    return Prompt(index, length, question, responses)


def all_prompts():
    """Sixty prompts, the lengths taking turns."""
    used = set()
    lengths = list(CLASSES) * PER_CLASS
    return [prompt(index, length, used) for index, length in enumerate(lengths)]


def other_responses(source, count):
    """As many pairs of responses to one question, for requests that share a conversation."""
    used = set()
    draws = Draws(1 << 32 | source.index)
    subject = SUBJECTS[source.index % len(SUBJECTS)]
    return [tuple(text_of(draws, subject, 30, used) for _ in range(2)) for _ in range(count)]


if __name__ == "__main__":
    for each in all_prompts():
        print(f"=== {each.index} ({each.length})")
        for role, content in each.turns():
            print(f"<{role}> {content}")
