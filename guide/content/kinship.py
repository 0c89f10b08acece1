"""Which prompts belong together, told from their texts: the same job, and the job that comes next.

The same job: two prompts whose titles, descriptions and templates share their telling words; one
from the same shelf or category counts for more, since a word like "letter" means little alone. The
next job: one of another shelf whose template asks for what the title and description of this one
promise. Words are weighed by how rare they are (Sparck Jones, 1972) and compared by the cosine
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
LEAST_LIKENESS, LEAST_FOLLOWING = 0.04, 0.16
NEAR_SHELF, NEAR_CATEGORY = 2.0, 1.4
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Job:
    """What of a prompt is compared: its place, all of its words, what it takes, what it gives."""

    pk: int
    shelf: int
    whole: str
    takes: str
    gives: str
    category: int | None = None

    def nearness(self, other: "Job") -> float:
        """By how much more a likeness counts between prompts that stand near each other."""
        if self.shelf == other.shelf:
            return NEAR_SHELF
        is_near = self.category is not None and self.category == other.category
        return NEAR_CATEGORY if is_near else 1.0


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
    names = ("pk", "category_id", "category__parent_id", "title", "description", "template")
    rows = Prompt.objects.published().order_by("slug")
    return [
        Job(
            pk=pk,
            shelf=shelf,
            category=category,
            whole=f"{title} {description} {template}",
            takes=template,
            gives=f"{title} {description}",
        )
        for pk, shelf, category, title, description, template in rows.values_list(*names)
    ]


def relations(jobs: Sequence[Job]) -> Iterable[tuple[int, int, str, int]]:
    """(prompt, other, kinship, number from 1) of everything that is alike enough."""
    wholes = [job.whole for job in jobs]
    same = _likest(jobs, wholes, wholes, SAME_JOB, LEAST_LIKENESS)
    following = _likest(
        jobs,
        [job.gives for job in jobs],
        [job.takes for job in jobs],
        SAME_JOB + 20 * NEXT_JOB,
        LEAST_FOLLOWING,
    )
    for index, job in enumerate(jobs):
        near = same[index]
        later = [i for i in following[index] if i not in near and jobs[i].shelf != job.shelf]
        for kinship, chosen in ((Kinship.SAME, near), (Kinship.NEXT, later[:NEXT_JOB])):
            for number, other in enumerate(chosen, 1):
                yield job.pk, jobs[other].pk, str(kinship), number


def _likest(
    jobs: Sequence[Job],
    asking: Sequence[str],
    asked: Sequence[str],
    most: int,
    least: float,
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
        for other in likeness:
            likeness[other] *= jobs[index].nearness(jobs[other])
        found.append(_best(likeness, jobs, most, least))
    return found


def _best(likeness: Mapping[int, float], jobs: Sequence[Job], most: int, least: float) -> list[int]:
    ranked = sorted(likeness.items(), key=lambda pair: (-pair[1], jobs[pair[0]].pk))
    return [other for other, value in ranked[:most] if value >= least]


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
