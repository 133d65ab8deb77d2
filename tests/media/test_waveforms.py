"""What an audio track takes, and what it says of the rest."""

from __future__ import annotations

import re

import numpy as np
import pytest

from reactor_runtime.errors import OutputError
from reactor_runtime.media.waveforms import check_waveform


def samples(value) -> np.ndarray:
    return check_waveform(value, 24_000, "here").samples()


@pytest.mark.parametrize("shape", [(7,), (1, 7), (2, 7), (2, 1)])
def test_int16_is_taken_as_it_is_and_copied(shape):
    given = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    made = samples(given)
    assert made.shape == (shape[0] if len(shape) == 2 else 1, shape[-1]) and made.dtype == np.int16
    assert (made == given).all()
    given[:] = -1
    assert (made != -1).all(), "the author may use the array again"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_scaled_rounded_and_cut(dtype):
    made = samples(np.array([0, 0.5, 1, -1, 1.5, -9, np.inf], dtype))
    assert made.tolist() == [[0, 16384, 32767, -32767, 32767, -32767, 32767]]


def test_nan_is_silence_and_counted():
    waveform = check_waveform(np.array([[0.5, np.nan], [np.nan, -np.inf]]), 24_000, "here")
    assert waveform.nans == 0
    assert waveform.samples().tolist() == [[16384, 0], [0, -32767]]
    assert waveform.nans == 2


def test_tensors_are_taken_like_arrays():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    values = torch.tensor([[0.25, -0.5]], requires_grad=True)
    assert samples(values).tolist() == [[8192, -16384]]
    assert samples(values.to(torch.bfloat16)).tolist() == [[8192, -16384]]
    assert samples(torch.tensor([3, -4], dtype=torch.int16)).tolist() == [[3, -4]]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (np.zeros((1, 2, 3), np.int16), "sound is (samples,) or (channels, samples); got dtype int16, shape (1, 2, 3)"),
        (np.int16(3), "sound is (samples,) or (channels, samples); got dtype int16, shape ()"),
        (np.zeros((480, 2), np.float32), "in the first dimension; got dtype float32, shape (480, 2); give x.T"),
        (np.zeros((6, 480), np.float32), "one or two channels, in the first dimension; got dtype float32"),
        (np.zeros(480, np.int32), "samples are int16, or floats from -1 to 1; got dtype int32, shape (480,)"),
        (np.zeros(480, np.uint8), "samples are int16, or floats from -1 to 1; got dtype uint8"),
        (np.zeros(480, bool), "samples are int16, or floats from -1 to 1; got dtype bool"),
        (np.zeros(0, np.int16), "a sound without samples; got dtype int16, shape (0,); leave the track out (None)"),
        (np.zeros((2, 0), np.int16), "a sound without samples"),
        ([0.1, 0.2], "a list is no sound; give an int16 or float array"),
    ],
)  # fmt: skip
def test_the_rest_is_refused_by_dtype_and_shape(value, problem):
    with pytest.raises(OutputError, match=re.escape(problem)) as caught:
        check_waveform(value, 48_000, "emit(): track 'voice'")
    assert str(caught.value).startswith("emit(): track 'voice': ")
