"""What a plain prototype reached on the demo calls, and how much worse than that is a failure.

The prototype: Whisper base int8, beam 5, sequential with VAD; pyannote segmentation-3.0 and CAM++ at
`segmentation_step` 0.25 with two speakers given; each word to the voice that overlaps it most.
"""

from tests.bench.scores import Scores

ALLOWED = 0.03
"""An error rate may be worse than the baseline by this much."""

BASELINE = {
    "missed-discovery.mono.ogg": Scores(wer=0.045, cpwer=0.058, der=0.066),
    "no-urgency.mono.ogg": Scores(wer=0.095, cpwer=0.138, der=0.062),
    "caved-on-discount.mono.ogg": Scores(wer=0.020, cpwer=0.166, der=0.136),
    "missed-discovery.ogg": Scores(wer=None, cpwer=0.079, der=None),
    "no-urgency.ogg": Scores(wer=None, cpwer=0.037, der=None),
    "caved-on-discount.ogg": Scores(wer=None, cpwer=0.040, der=None),
}


def worse_than_allowed(name: str, scores: Scores) -> list[str]:
    """The measures that are worse than the baseline allows; none for a recording without a baseline."""
    baseline = BASELINE.get(name)
    if baseline is None:
        return []
    return [
        measure
        for measure in ("wer", "cpwer", "der")
        if not within(getattr(scores, measure), getattr(baseline, measure))
    ]


def within(reached: float | None, baseline: float | None) -> bool:
    if baseline is None:
        return True
    return reached is not None and round(reached - baseline, 3) <= ALLOWED
