"""`reactor check` on the state of a pipeline: names that it does not have."""

from __future__ import annotations

from reactor_runtime.checks.state_fields import check_state_fields
from reactor_runtime.interface import InputState, Output, ReactorModel, ReactorPipeline, Video, event


class Frame(Output):
    main_video: Video


class State(InputState):
    prompt: str = ""
    strength: float = 0.5
    _cache: str = ""

    def both(self):
        return self.prompt, self.strength


class Dream(ReactorPipeline):
    state: State

    @event(name="again")
    def again(self):
        self.state.count = 1

    def inference(self):
        while True:
            yield Frame(main_video=(self.state.promt, self.state._cache, self.state.both(), self.state.count))


class Right(Dream):
    def inference(self):
        yield Frame(main_video=self.state.prompt)


class Plain(ReactorModel):
    def load(self, config):
        self.state = config
        self.level = self.state.level


def test_a_misspelt_field_is_found_where_it_stands():
    (found,) = check_state_fields(Dream)
    assert found.text == "test_state_fields.py:31: State has no field 'promt'; did you mean prompt?"


def test_what_is_declared_or_set_is_no_mistake():
    assert not list(check_state_fields(Right))
    assert not list(check_state_fields(Plain))
