"""Preference data of our own, for runs that show that training works and want no data from outside.

Each question has one sensible answer, and that answer spoilt in a few ways that anyone can see. So it
is `constructed_quality` for `compose`, and a judge that learns anything learns this.
"""

import json

from . import items

ANSWERS = [
    ("How do I keep bread fresh for a few days?",
     "Keep it in a paper bag inside a closed box at room temperature. A fridge dries it out; what you "
     "cannot eat within three days is better sliced and frozen."),
    ("Why does a kettle get noisy before the water boils?",
     "Small bubbles of steam form on the hot bottom, rise into cooler water and collapse there. Each "
     "collapse is a tiny click, and together they make the noise."),
    ("What should I check before I buy a used bicycle?",
     "Look for cracks in the frame, spin both wheels to see that they run straight, pull the brakes "
     "hard, and shift through all gears under load."),
    ("Explain what a library in programming is.",
     "A library is code that somebody else has written and tested, and that your program calls. You "
     "use its functions by name and need not know how they work inside."),
    ("How can I learn the names of thirty new pupils quickly?",
     "Draw a plan of the seats with names, greet each pupil by name at the door, and say a name every "
     "time you ask a question. After a week most will stay."),
    ("Why are wet roads darker than dry ones?",
     "Water fills the gaps between the grains, so light is passed on into the road instead of being "
     "thrown back. Less light returns to the eye, and the road looks darker."),
    ("Give me a simple plan to begin running.",
     "Go out three times a week. Run one minute and walk two, ten times over. Each week make the runs "
     "a little longer, until you can run for half an hour."),
    ("How do I remove a coffee stain from a cotton shirt?",
     "Rinse the back of the stain with cold water, rub in some washing-up liquid, wait ten minutes and "
     "wash the shirt as usual. Do not iron it before the stain is gone."),
    ("What is the difference between weather and climate?",
     "Weather is what the air does today and tomorrow at one place. Climate is how it behaves there on "
     "average, counted over thirty years or more."),
    ("How do I write a polite reminder for an unpaid bill?",
     "Name the bill and its date, say that the payment has not arrived yet, ask for it by a certain "
     "day, and thank the customer in case the money is on its way."),
    ("Why should a knife be sharp?",
     "A sharp knife cuts where you put it with little force. A blunt one slips off the food, needs to "
     "be pressed, and so is the more dangerous of the two."),
    ("How does a rain gauge work?",
     "It catches rain in a vessel of known opening. The height of the water in it, read off a scale in "
     "millimetres, is the litres that fell on each square metre."),
    ("How can two people share a cake fairly?",
     "One cuts and the other one chooses. Whoever cuts has a reason to make both pieces equally good, "
     "since the smaller one would be left over."),
    ("What is a good way to store photographs for my grandchildren?",
     "Keep three copies on two kinds of media, one of them in another house. Use a plain format, and "
     "copy everything to new disks every five years."),
    ("Why do bicycles have gears?",
     "Legs work best at a steady speed. Gears let you keep that speed while the wheel turns slowly "
     "with more force uphill, or fast with less force on the flat."),
    ("How do I prepare for a job interview?",
     "Read what the firm does, pick three things you have done that fit the post, practise telling "
     "each in two minutes, and write down questions of your own."),
    ("How do bees tell each other where flowers are?",
     "A bee that found food dances on the comb. The direction of its straight run shows the angle to "
     "the sun, and how long it lasts shows the distance."),
    ("My houseplant has yellow leaves. What can I do?",
     "Feel the soil first: most often it is too wet. Let it dry, see that water can run off, and move "
     "the plant closer to a window. Remove the yellow leaves."),
    ("What does a referee do in football?",
     "The referee sees that both teams keep to the rules, stops play after a foul, shows yellow or red "
     "cards, keeps the time and decides whether a goal counts."),
    ("How do I find the area of a triangle?",
     "Take one side as the base, measure the height at a right angle to it, multiply the two and halve "
     "the product. A base of 6 and a height of 4 give 12."),
    ("How do noise-cancelling headphones work?",
     "A microphone hears the noise from outside, and the headphones play the same wave upside down. "
     "The two waves add up to almost nothing at your ear."),
    ("What belongs in a first-aid box for a hike?",
     "Plasters, a bandage, something to clean wounds, tweezers for ticks, a foil blanket, tablets "
     "against pain, and whatever your own group needs every day."),
    ("Why do we add salt when we cook pasta?",
     "The pasta takes up some of the water while it cooks, and the salt along with it. Salt on the "
     "outside alone would leave the inside bland."),
    ("How do I say no to an invitation without hurting anyone?",
     "Thank them first, say plainly that you cannot come, give one short reason if you like, and offer "
     "another day. A clear answer is kinder than a vague one."),
]
LOOKED_AT = 4  # questions at the end of the list are never trained on
FLAWS = ("echo", "loop", "noise", "offtopic", "refusal", "shuffled", "truncated")


def spoilt(place, flaw, draw):
    """The answer of a question with a flaw."""
    question, answer = ANSWERS[place]
    words = answer.split()
    if flaw == "echo":
        return f"{question} {question}"
    if flaw == "loop":
        return " ".join(words[:6] * 4)
    if flaw == "noise":
        return " ".join("".join(draw.sample(word, len(word))) for word in words)
    if flaw == "offtopic":
        return ANSWERS[(place + draw.randrange(3, 12)) % len(ANSWERS)][1]
    if flaw == "refusal":
        return "I am sorry, but I cannot talk about that. Please ask somebody else."
    if flaw == "shuffled":
        return " ".join(draw.sample(words, len(words)))
    return " ".join(words[: max(3, len(words) // 4)])


def pairs(each=3):
    """(those to train on, those to look at): `each` flaws of every question, all kinds in turn."""
    made = []
    for place, (question, answer) in enumerate(ANSWERS):
        for turn in range(each):
            flaw = FLAWS[(place * each + turn) % len(FLAWS)]
            draw = items.draws("bundled", place, flaw)
            best, bad = draw.randrange(2), spoilt(place, flaw, draw)
            made.append({
                "id": f"bundled-{place}-{flaw}", "source": "constructed_quality",
                "subset": f"bundled/{flaw}", "context": [{"role": "user", "content": question}],
                "responses": [bad, answer] if best else [answer, bad],
                "best": best, "label": None, "reference": None})
    cut = (len(ANSWERS) - LOOKED_AT) * each
    return made[:cut], made[cut:]


def write(folder):
    """`train.jsonl` and `look.jsonl` in a folder."""
    for name, rows in zip(("train.jsonl", "look.jsonl"), pairs()):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
