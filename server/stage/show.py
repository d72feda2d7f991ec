"""What the scene shows of what the stage remembers."""

from __future__ import annotations

from dataclasses import replace

from server.stage.affect import DIMENSIONS
from server.stage.colour import paint
from server.stage.coordinates import FACE, HAND, HEAD
from server.stage.form import expansion, form, motion
from server.stage.memory import Memory
from server.stage.triggers import countdown
from server.values import SceneState


def with_reading(state: SceneState) -> SceneState:
    """Mixture, expression, pose and countdown: also while the form is frozen."""
    memory = state.memory
    shares, certainty, _ = memory.expression
    pose, held = memory.pose_leader.name, memory.pose_leader.held
    return replace(
        state,
        mixture=shares if memory.emotion else None,
        expression=memory.leader.name if memory.emotion and state.present else None,
        certainty=certainty if memory.emotion else 0.0,
        pose={
            "name": pose,
            "confidence": memory.pose.certainty * memory.pose.shares.get(pose, 0.0),
            "held": held,
        },
        countdown=countdown(memory.hold, memory.mappings.triggers),
    )


def with_form(state: SceneState) -> SceneState:
    """Affect, colour, form, motion and body: what holds still while frozen."""
    memory = state.memory
    data, values = memory.mappings, memory.inputs
    hands = [
        {"side": side} | dict(zip(HAND, track.values, strict=True))
        for side, track in (("left", memory.left), ("right", memory.right))
        if track is not None
    ]
    head, face = memory.head, memory.face
    return replace(
        state,
        face=None if face is None else dict(zip(FACE, face.values, strict=True)),
        affect={name: values[name] for name in DIMENSIONS},
        colour=paint(memory.tint, data.colour, data.meanings),
        form=form(values, data),
        motion=motion(values, expanding(memory), data),
        body={
            "openness": memory.openness,
            "energy": memory.energy,
            "lean": memory.lean,
            "head": None if head is None else dict(zip(HEAD, head.values, strict=True)),
            "hands": hands,
        },
    )


def expanding(memory: Memory) -> float:
    if memory.expanding is None:
        return 0.0
    return expansion(memory.clock - memory.expanding, memory.mappings.expand.rise)
