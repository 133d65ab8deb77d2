"""What each further viewer costs is a slope, not a share."""

from bench.measures.viewers import figures


def test_each_further_viewer_is_what_it_adds() -> None:
    used = {1: 10.0, 2: 13.0, 4: 16.0, 8: 24.0}
    threads = {1: (16, 7), 2: (19, 7), 4: (25, 7), 8: (37, 14)}
    found = figures(used, threads)
    assert {name: value for name, value in found.items() if "each" in name} == {
        "cpu_percent_each_1_to_2": 3.0,
        "cpu_percent_each_1_to_4": 2.0,
        "cpu_percent_each_1_to_8": 2.0,
        "cpu_percent_each": 2.0,
        "threads_each": 3.0,
        "python_threads_each": 1.0,
    }
    assert found["cpu_percent_8"] == 24.0
    assert found["threads_8"] == 37
