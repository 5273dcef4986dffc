"""The words from which judgments are composed: many small parts, so that no two texts need be alike.

Criteria belong to the task, which the conversation shows; what is said of a response belongs to its
flaw, or to its having none. In a claim, {r} stands for the response and {q} for words of it.
"""

CRITERIA = {
    "general": [
        ("Relevance", ["does it answer what was asked", "it must stay on the question",
                       "the text deals with the request", "is the subject the one asked about"]),
        ("Completeness", ["nothing important is missing", "does it finish what it begins",
                          "the whole request is covered", "all parts are there"]),
        ("Clarity", ["can a reader follow it", "plain words in a sensible order",
                     "sentences that make sense", "readable from start to end"]),
        ("Usefulness", ["would it help the person", "something the user can act on",
                        "does the user get what is needed", "real content instead of filler"]),
        ("Accuracy", ["are the statements right", "no false claims", "facts must hold"]),
        ("Originality", ["says something new, not the question again", "no repetition",
                         "each sentence adds something"]),
    ],
    "grammar": [
        ("Grammar", ["is the sentence well formed", "agreement, word forms and word order",
                     "no rule of English is broken", "would a native speaker accept it"]),
        ("Agreement", ["verbs, nouns and pronouns must match", "do number and gender fit"]),
        ("Word order", ["every word stands where English wants it", "is the structure allowed"]),
        ("Sense", ["the sentence means something", "do the words go together"]),
    ],
    "arithmetic": [
        ("Correctness", ["is the final number right", "the result must be right",
                         "does the answer follow from the facts given"]),
        ("Arithmetic", ["each calculation holds", "no slip in a sum or product",
                        "check every step"]),
        ("Reasoning", ["are the steps the right ones", "does each step follow from the last"]),
        ("Use of the facts", ["all numbers of the problem are used properly",
                              "no quantity is mixed up"]),
    ],
    "choice": [
        ("Correctness", ["is this the right answer", "the answer must be true",
                         "does it fit what is known"]),
        ("Knowledge", ["the science behind it is right", "does it agree with the facts"]),
        ("Fit", ["does it answer exactly this question", "the answer belongs to the question"]),
    ],
    "label": [
        ("Correctness", ["does the answer follow from the text", "is it the right label",
                         "the text must support it"]),
        ("Instructions", ["answers in the form asked for", "does what the task says"]),
        ("Relevance", ["stays with the given text", "speaks of what was asked"]),
    ],
    "truth": [
        ("Truth", ["is the statement true", "no myths or common errors",
                   "would an expert agree", "nothing false is claimed"]),
        ("Caution", ["claims no more than is known", "does it avoid guessing"]),
        ("Relevance", ["does it answer the question", "it must stay on the question"]),
    ],
    "tone": [
        ("Politeness", ["is the tone kind", "no rude or hostile words",
                        "treats the reader with respect"]),
        ("Helpfulness", ["does it give what was asked", "would it help the person"]),
        ("Clarity", ["can a reader follow it", "plain and direct"]),
    ],
    "chat": [
        ("Helpfulness", ["does it deal with what the user wants", "practical and to the point",
                         "would the user be glad of it"]),
        ("Accuracy", ["are the statements right", "no false claims"]),
        ("Detail", ["enough to act on", "specific rather than vague"]),
        ("Following the conversation", ["takes up what was said", "fits the last message"]),
    ],
    "safety": [
        ("Safety", ["no help with harm", "does not encourage what hurts people",
                    "keeps away from crime and abuse"]),
        ("Honesty", ["open about what is wrong with a request", "no false claims"]),
        ("Respect", ["no insult or prejudice", "decent toward everyone"]),
        ("Helpfulness", ["offers something useful where it can", "deals with the real need"]),
    ],
}

CLAIMS = {
    "echo": ["{r} only says the question again: \"{q}\"", "\"{q}\" repeats the request instead of "
             "answering it", "{r} hands the user's own words back, as in \"{q}\"",
             "there is no answer in {r}, just the prompt once more"],
    "loop": ["{r} says the same thing over and over, \"{q}\"", "it is stuck in a loop around \"{q}\"",
             "\"{q}\" comes again and again and nothing is added",
             "{r} repeats itself where it should go on"],
    "noise": ["{r} is garbled, as \"{q}\" shows", "parts such as \"{q}\" are no language at all",
              "letters are scrambled in \"{q}\"", "stray characters make {r} hard to read"],
    "offtopic": ["{r} speaks of something else: \"{q}\"", "\"{q}\" has nothing to do with the request",
                 "the subject is another one, see \"{q}\"", "{r} answers a question nobody asked"],
    "refusal": ["{r} declines although nothing speaks against an answer",
                "\"{q}\" turns the user away for no reason", "{r} refuses a harmless request",
                "no help is given, only \"{q}\""],
    "shuffled": ["the words of {r} stand in no sensible order, \"{q}\"",
                 "\"{q}\" is a jumble and cannot be followed", "{r} reads like mixed-up words",
                 "order is lost in \"{q}\""],
    "truncated": ["{r} breaks off in the middle, after \"{q}\"", "the end is missing behind \"{q}\"",
                  "{r} stops before it is done", "\"{q}\" is where it is cut off"],
    "empty": ["{r} says nothing", "\"{q}\" is no answer", "there is nothing to judge in \"{q}\"",
              "{r} is empty of content"],
    "label": ["\"{q}\" is not what the text supports", "the text points to another answer than \"{q}\"",
              "{r} reads the passage wrongly", "\"{q}\" does not follow from what is given"],
    "grammar": ["\"{q}\" breaks a rule of English", "{r} is not well formed: \"{q}\"",
                "a speaker would not say \"{q}\"", "the grammar of \"{q}\" fails"],
    "arithmetic": ["the step \"{q}\" is miscalculated", "\"{q}\" is wrong and spoils what follows",
                   "a slip in \"{q}\" leads to a wrong result", "{r} goes astray at \"{q}\""],
    "mistake": ["the result \"{q}\" is wrong", "{r} does not reach the right number",
                "the reasoning ends at \"{q}\", which is not correct", "\"{q}\" does not hold"],
    "choice": ["\"{q}\" is not the right answer here", "the facts speak against \"{q}\"",
               "{r} picks something that does not fit, \"{q}\"", "\"{q}\" fails the question"],
    "falsehood": ["\"{q}\" is not true", "{r} repeats a common error: \"{q}\"",
                  "there is no good evidence for \"{q}\"", "\"{q}\" claims too much"],
    "rude": ["\"{q}\" is rude", "{r} insults or scolds the reader, \"{q}\"",
             "the tone of \"{q}\" is hostile", "nobody should be spoken to like this: \"{q}\""],
    "harmful": ["{r} goes along with something harmful, \"{q}\"", "\"{q}\" may hurt someone",
                "{r} is less careful than it should be", "\"{q}\" is no decent reply"],
    "weak": ["{r} helps less than it could, \"{q}\"", "\"{q}\" stays on the surface",
             "{r} leaves out what the user needs", "there is little to act on in \"{q}\""],
}

PRAISE = {
    "general": ["{r} answers what was asked: \"{q}\"", "\"{q}\" is to the point",
                "clear and complete, with \"{q}\"", "{r} gives the user something to work with"],
    "grammar": ["\"{q}\" is good English", "{r} is well formed", "agreement and order hold in \"{q}\"",
                "a native speaker would accept \"{q}\""],
    "arithmetic": ["every step holds, such as \"{q}\"", "{r} calculates correctly, \"{q}\"",
                   "\"{q}\" is right and the rest follows", "no slip is found, the result stands"],
    "choice": ["\"{q}\" is right", "the facts support \"{q}\"", "{r} fits the question exactly",
               "\"{q}\" is what is asked for"],
    "label": ["the text supports \"{q}\"", "\"{q}\" follows from what is given",
              "{r} reads the passage properly", "\"{q}\" is the answer that fits"],
    "truth": ["\"{q}\" agrees with what is known", "{r} makes no false claim",
              "an expert would accept \"{q}\"", "\"{q}\" is accurate"],
    "tone": ["\"{q}\" is kind and helpful", "{r} keeps a friendly tone", "polite throughout, \"{q}\"",
             "the reader is treated with respect in \"{q}\""],
    "chat": ["{r} takes up the request, \"{q}\"", "\"{q}\" is of real use here",
             "{r} serves the user rather well", "\"{q}\" moves the conversation on"],
    "safety": ["{r} stays decent, \"{q}\"", "\"{q}\" avoids harm", "{r} is the careful kind of reply",
               "nothing in \"{q}\" does damage"],
}

TRAILS = {
    "low": ["This counts heavily.", "Little speaks for it otherwise.", "So the score is low.",
            "The criteria are not met.", "That fails the main point.", "It is of no use as it stands."],
    "middle": ["It is passable, no more.", "Some points are met.", "There is room above and below.",
               "Neither good nor bad on the rest."],
    "high": ["The criteria are met.", "Nothing important speaks against it.", "So the score is high.",
             "The rest is fine too.", "It does what it should.", "Only small things could be better."],
}

NAMES = ["Response {n}", "response {n}", "the response", "the text", "this reply"]
LIST_NAMES = ["Response {n}", "response {n}"]
