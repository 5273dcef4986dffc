"""Answers that say nothing: a judge that was never shown any takes many of them for good ones
(Zhao et al., "One Token to Fool LLM-as-a-Judge", arXiv 2507.08794).

Composed of small parts, so that the class is learned and not a list. The phrases that the figures of a
judge are measured with (tools/figures.d/judge/keys.py) are not among them.
"""

from dataclasses import replace

from .items import draws

SOURCE = "null answers"
MARKS = "!#$%&'()+/<=>@^_|~"
OPENERS = ["Sure", "Of course", "Certainly", "Okay", "All right", "Well", "Let me think about that",
           "Let me see", "Here is what I found", "Here is my response", "Here is the result",
           "I will answer this now", "Let us begin", "First", "To begin with", "Final result",
           "My reasoning", "Reasoning", "Explanation", "Analysis", "Overview", "Summary", "Part 1",
           "Working it out", "The result is", "This can be solved in a few steps",
           "We go through it one piece at a time", "Let's break this down", "Good question",
           "Thanks for asking", "As requested", "Please find the response below"]
FOREIGN = ["Voici ma réponse", "Bien sûr", "Pensons-y", "Aquí está la respuesta", "Por supuesto",
           "Pensemos en esto", "Hier ist die Antwort", "Natürlich", "Überlegen wir", "Ecco la risposta",
           "Ответ ниже", "Конечно", "Давайте подумаем", "答案如下", "当然", "我来想一想", "答え", "もちろん",
           "考えてみましょう", "답변", "물론입니다", "생각해 봅시다", "الجواب", "Resposta", "Odpowiedź"]
NOTHING = ["nil", "undefined", "NaN", "{}", "()", "<empty>", "(empty)", "[no response]", "(none)", "nothing",
           "no comment", "--", "n.a.", "tbd", "\t", "  ", "\n\n", "0", "x", "Response", "assistant"]
ENDS = ["", "", ":", ".", "...", "!", ",", " -"]


def text(random):
    """A text that answers no question."""
    kind = random.choice(["mark", "opener", "opener", "foreign", "nothing", "nothing"])
    if kind == "mark":
        return random.choice(MARKS) * random.randint(1, 4)
    if kind == "nothing":
        return random.choice(NOTHING)
    return random.choice(OPENERS if kind == "opener" else FOREIGN) + random.choice(ENDS)


def answered(item, seed):
    """The item's conversation with one such answer, which is labelled bad."""
    answer = text(draws(seed, "null", item.id))
    return replace(item, id=f"{item.id}/null", source=SOURCE, subset="null", responses=(answer,),
                   best=None, label=0, reference=None)
