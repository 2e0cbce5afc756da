"""Finding a text by a few of its letters."""

from functools import lru_cache

BEGINS, FOLLOWS, ELSEWHERE = 3.0, 2.0, 0.5
"""What a letter counts where a word begins, right after the letter before, anywhere else."""

NEVER = float("-inf")


@lru_cache(maxsize=4096)
def closeness(wanted: str, text: str) -> float:
    """Say how well a text answers to some letters.

    Every letter must come in the text, in order; a short text counts a little more than a long one.

    Returns
    -------
    float
        More than 0, higher is closer; 0 where letters are missing.
    """
    letters, text = wanted.casefold().replace(" ", ""), text.casefold()
    if not letters or not text:
        return 0.0
    best = [0.0, *[NEVER] * len(text)]  # with the last letter taken at each place, from 1
    for number, letter in enumerate(letters):
        before, best = best, [NEVER] * (len(text) + 1)
        reached = NEVER
        for place, there in enumerate(text):
            reached = max(reached, before[place])
            if there == letter:
                begins = place == 0 or not text[place - 1].isalnum()
                follows = before[place] + FOLLOWS if number else NEVER
                best[place + 1] = max(follows, reached + (BEGINS if begins else ELSEWHERE))
    top = max(best)
    return 0.0 if top == NEVER else top / (len(letters) + 0.02 * len(text))
