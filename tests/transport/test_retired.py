"""Tracks of viewers who have gone, and what is written to standard error while they go."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from reactor_runtime.transport.webrtc.video.retired import MOST, Retired

LINE = "[reactor-webrtc] retracting encoder slot"


def run(source: str, **how: object) -> subprocess.CompletedProcess[str]:
    begin = """
    import os, sys, threading
    from reactor_runtime.transport.webrtc.video.retired import Retired

    class Track:
        def __init__(self, *lines):
            self.lines = lines
        def __del__(self):
            for line in self.lines:
                os.write(2, line.encode())
    """
    program = textwrap.dedent(begin) + textwrap.dedent(source)
    how = {"stderr": subprocess.PIPE, **how}
    return subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=False, **how
    )  # type: ignore[call-overload,no-any-return]


def test_they_are_kept_up_to_a_number() -> None:
    freed = 0

    class Track:
        def __del__(self) -> None:
            nonlocal freed
            freed += 1

    retired = Retired(most=4)
    for count, (kept, gone) in enumerate([(1, 0), (2, 0), (3, 0), (4, 0), (1, 4)]):
        retired.add(Track())
        assert (len(retired), freed) == (kept, gone), count
    retired.clear()
    retired.clear()
    assert (len(retired), freed) == (0, 5)
    assert 0 < MOST <= 10_000


def test_the_engines_line_is_taken_out_and_all_else_stays() -> None:
    done = run(f"""
    retired = Retired(most=2)
    os.write(2, b"before\\n")
    retired.add(Track("{LINE} 1\\n", "a line of another\\n", "{LINE} 2\\n", "another: {LINE}\\n"))
    retired.add(Track("{LINE} 3\\n"))
    print(len(retired), flush=True)
    retired.add(Track("{LINE} 4\\n", "without an end"))
    print(len(retired), flush=True)
    retired.clear()
    os.write(2, b", and its end\\n")
    print("by Python", file=sys.stderr)
    """)
    assert (done.returncode, done.stdout) == (0, "2\n1\n")
    assert done.stderr == f"before\na line of another\nanother: {LINE}\nwithout an end, and its end\nby Python\n"


def test_what_other_threads_write_meanwhile_is_not_lost() -> None:
    done = run(f"""
    done = threading.Event()
    count = 0
    def write():
        global count
        while not done.is_set():
            os.write(2, b"line %d\\n" % count)
            count += 1
    thread = threading.Thread(target=write)
    thread.start()
    retired = Retired(most=2)
    while count < 2000:
        retired.add(Track("{LINE}\\n"))
    done.set()
    thread.join()
    retired.clear()
    print(count)
    """)
    assert done.returncode == 0
    # What is written while it is put back may come before what was kept.
    assert sorted(done.stderr.splitlines()) == sorted(f"line {index}" for index in range(int(done.stdout)))


def test_much_that_is_written_meanwhile() -> None:
    done = run("""
    retired = Retired()
    retired.add(Track(*["x" * 99 + "\\n"] * 5000))
    retired.clear()
    """)
    assert (done.returncode, done.stderr) == (0, ("x" * 99 + "\n") * 5000)


def test_without_a_standard_error() -> None:
    done = run("""
    os.close(2)
    retired = Retired(most=2)
    for _ in range(5):
        retired.add(Track())
    print(len(retired))
    """)
    assert (done.returncode, done.stdout) == (0, "1\n")


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param("reading, writing = os.pipe(); os.dup2(writing, 2); os.close(reading)", id="nobody reads it"),
        pytest.param(
            "import tempfile; tempfile.tempdir = '/nowhere/at/all'", id="there is no folder for temporary files"
        ),
    ],
)
def test_they_go_whatever_becomes_of_their_lines(trouble: str) -> None:
    done = run(f"""
    {trouble}
    class Quiet(Track):
        def __del__(self):
            try:
                os.write(2, b"a line of another\\n")
            except OSError:
                pass
    retired = Retired(most=2)
    for _ in range(5):
        retired.add(Quiet())
    retired.clear()
    print(len(retired))
    """)
    assert (done.returncode, done.stdout) == (0, "0\n")
