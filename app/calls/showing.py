"""From rows to the frozen views that pages and API show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from app.calls.views import CallState, CallView, CorrectionView, Problem, RecordingView, StageView
from review.model import Party, Side
from review.sides import label_for
from storage.calls import CallRows
from storage.stages import Stage
from storage.tables import CorrectionRow, PartyRow, StageRunRow

Identities = Mapping[str, Mapping[str, Any]]
"""Engine and options by result key."""


def party_views(rows: Sequence[PartyRow]) -> tuple[Party, ...]:
    """The parties in their order. Of two without a name on one side, the second is "Prospect 2"."""
    seen = Counter[str]()
    views = []
    for row in rows:
        label = label_for(row.name, Side(row.side), row.voice)
        if not row.name:
            seen[label] += 1
            label = f"{label} {seen[label]}" if seen[label] > 1 else label
        views.append(
            Party(
                id=row.id,
                side=Side(row.side),
                label=label,
                voice=row.voice,
                guessed=row.guessed,
                name=row.name,
            )
        )
    return tuple(views)


def call_view(rows: CallRows, identities: Identities) -> CallView:
    call, recording = rows.call, rows.recording
    order = list(Stage)
    runs = sorted(rows.runs, key=lambda run: order.index(Stage(run.stage)))
    return CallView(
        id=call.id,
        client_unique_id=call.client_unique_id,
        title=call.title,
        started_at=call.started_at,
        direction=call.direction,
        created_at=call.created_at,
        ready_at=call.ready_at,
        state=CallState(call.state),
        progress=call.progress,
        problem=_problem(call.error_code, call.error),
        notice=_problem(call.notice_code, call.notice),
        duration=recording.duration,
        language=call.language,
        layout=call.layout,
        voice_channels=call.voice_channels,
        demo=call.demo,
        parties=party_views(rows.parties),
        recording=RecordingView(
            sha256=recording.sha256,
            size=recording.size,
            file_name=recording.file_name,
            container=recording.container,
            codec=recording.codec,
            sample_rate=recording.sample_rate,
            channels=recording.channels,
        ),
        stages=tuple(_stage_view(run, identities) for run in runs),
        same_recording=rows.same_recording,
    )


def correction_view(row: CorrectionRow) -> CorrectionView:
    return CorrectionView(id=row.id, kind=row.kind, created_at=row.created_at)


def _stage_view(run: StageRunRow, identities: Identities) -> StageView:
    identity = identities.get(run.result_key) if run.result_key else None
    return StageView(
        stage=run.stage,
        state=run.state,
        progress=run.progress,
        attempt=run.attempt,
        seconds=run.seconds,
        identity=dict(identity) if identity is not None else None,
        problem=_problem(run.error_code, run.error),
    )


def _problem(code: str | None, message: str | None) -> Problem | None:
    return Problem(code=code, message=message or "") if code is not None else None
