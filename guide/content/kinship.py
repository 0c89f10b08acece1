"""Which prompts belong together, told from their texts: the same job, and the job that comes next.

The same job: two prompts whose titles, descriptions and templates share their telling words. The
next job: one whose template asks for what the other one gives, as its description and its example
answer show. Words are weighed by how rare they are (Sparck Jones, 1972) and compared by the cosine
of their weights; only the most telling words of a text count, which keeps it fast.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from guide.content.words import compared_words
from guide.models import Prompt, RelatedPrompt
from guide.models.related import Kinship

TELLING_WORDS = 24
SAME_JOB, NEXT_JOB = 6, 3
LEAST_LIKENESS = 0.04
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Job:
    """What of a prompt is compared: its shelf, all of its words, what it takes, what it gives."""

    pk: int
    shelf: int
    whole: str
    takes: str
    gives: str


def relate_prompts() -> None:
    """Bring the stored relations in step with the published prompts; writes only what differs."""
    wanted = set(relations(_jobs()))
    stored = {
        (row.prompt_id, row.other_id, row.kinship, row.number): row.pk
        for row in RelatedPrompt.objects.all()
    }
    gone = [pk for key, pk in stored.items() if key not in wanted]
    for start in range(0, len(gone), 500):
        RelatedPrompt.objects.filter(pk__in=gone[start : start + 500]).delete()
    RelatedPrompt.objects.bulk_create(
        (
            RelatedPrompt(prompt_id=one, other_id=other, kinship=kinship, number=number)
            for one, other, kinship, number in sorted(wanted - stored.keys())
        ),
        batch_size=2000,
    )


def _jobs() -> list[Job]:
    names = ("pk", "category_id", "title", "description", "template", "example_answer")
    rows = Prompt.objects.published().order_by("slug").values_list(*names)
    return [
        Job(pk, shelf, f"{title} {title} {description} {template}", template, f"{says} {answer}")
        for pk, shelf, title, description, template, answer in rows
        for says in (f"{title} {description}",)
    ]


def relations(jobs: Sequence[Job]) -> Iterable[tuple[int, int, str, int]]:
    """(prompt, other, kinship, number from 1) of everything that is alike enough."""
    same = _likest(jobs, [job.whole for job in jobs], [job.whole for job in jobs], SAME_JOB)
    following = _likest(
        jobs, [job.gives for job in jobs], [job.takes for job in jobs], SAME_JOB + 4 * NEXT_JOB
    )
    for index, job in enumerate(jobs):
        near = same[index]
        later = [i for i in following[index] if i not in near and jobs[i].shelf != job.shelf]
        for kinship, chosen in ((Kinship.SAME, near), (Kinship.NEXT, later[:NEXT_JOB])):
            for number, other in enumerate(chosen, 1):
                yield job.pk, jobs[other].pk, str(kinship), number


def _likest(
    jobs: Sequence[Job], asking: Sequence[str], asked: Sequence[str], most: int
) -> list[list[int]]:
    """For each text that asks, the indices of the likest texts that are asked, the likest first."""
    rarity = _rarity(asked)
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for index, text in enumerate(asked):
        for word, weight in _weights(text, rarity).items():
            postings[word].append((index, weight))
    found = []
    for index, text in enumerate(asking):
        likeness: defaultdict[int, float] = defaultdict(float)
        for word, weight in _weights(text, rarity).items():
            for other, other_weight in postings[word]:
                likeness[other] += weight * other_weight
        likeness.pop(index, None)
        ranked = sorted(likeness.items(), key=lambda pair: (-pair[1], jobs[pair[0]].pk))
        found.append([other for other, value in ranked[:most] if value >= LEAST_LIKENESS])
    return found


def _rarity(texts: Sequence[str]) -> Weights:
    """How telling a word is; a word of one text only, or of a tenth of them, tells nothing."""
    frequency = Counter(word for text in texts for word in set(compared_words(text)))
    common = max(3, len(texts) // 10)
    return {
        word: log(len(texts) / count) for word, count in frequency.items() if 1 < count <= common
    }


def _weights(text: str, rarity: Weights) -> Weights:
    counts = Counter(word for word in compared_words(text) if word in rarity)
    weights = {word: (1 + log(count)) * rarity[word] for word, count in counts.items()}
    telling = sorted(weights, key=lambda word: (-weights[word], word))[:TELLING_WORDS]
    length = sqrt(sum(weights[word] ** 2 for word in telling)) or 1.0
    return {word: weights[word] / length for word in telling}
