"""Work on several cores: same results as on one, in order, and errors are raised."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rnnlm_cli.nn.cpu import threads


@pytest.fixture(params=[1, 3])
def cores(request, monkeypatch):
    monkeypatch.setattr(threads, "core_count", lambda: request.param)
    with ThreadPoolExecutor(request.param) as pool:
        monkeypatch.setattr(threads, "_pool", lambda: pool)
        yield request.param


def test_a_pipeline_returns_the_results_of_all_stages_in_order(cores):
    seen = [[], [], []]

    def stage(k):
        def run(item):
            seen[k].append(item)
            return item * 10 + k

        return run

    assert threads.pipeline([stage(0), stage(1), stage(2)], [1, 2, 3, 4]) == [
        1012,
        2012,
        3012,
        4012,
    ]
    assert seen[0] == [1, 2, 3, 4]
    assert seen[2] == [101, 201, 301, 401]


def test_stages_of_a_pipeline_run_at_the_same_time(cores):
    next_begun = threading.Event()

    def first(item):
        if item == 2:
            next_begun.set()
        return item

    def second(item):
        return next_begun.wait(60 if cores > 1 else 0)

    assert threads.pipeline([first, second], [1, 2]) == [cores > 1, True]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_an_error_in_a_stage_ends_the_pipeline(cores, failing):
    def stage(k):
        def run(item):
            if k == failing and item == 2:
                raise ZeroDivisionError
            return item

        return run

    with pytest.raises(ZeroDivisionError):
        threads.pipeline([stage(0), stage(1), stage(2)], [1, 2, 3])


def test_parts_run_at_the_same_time_on_several_cores(cores):
    """Each part waits for the others, except on one core."""
    all_here = threading.Barrier(cores, timeout=60)

    def work(part):
        all_here.wait()
        return threading.get_ident()

    assert len(set(threads.in_parallel(work, cores))) == cores


def test_work_within_work_stays_on_its_thread(cores):
    def inner(part):
        return threading.get_ident(), threads.free_cores()

    def outer(part):
        return threading.get_ident(), threads.in_parallel(inner, 4)

    for thread, found in threads.in_parallel(outer, 2):
        assert found == [(thread, False)] * 4
        assert (thread == threading.get_ident()) == (cores == 1)
    assert threads.free_cores() == (cores > 1), "this thread may spread its work again"


def test_a_thread_has_the_floating_point_settings_of_its_caller(cores):
    with np.errstate(over="ignore", invalid="raise"):
        here = np.geterr()
        assert threads.in_parallel(lambda part: np.geterr(), 3) == [here] * 3


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_product_is_a_product(cores, monkeypatch, rows):
    monkeypatch.setattr(threads, "THREAD_PRODUCT", 1)
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((5, rows)).T, rng.standard_normal((5, 6))
    np.testing.assert_allclose(threads.product(left, right), left @ right, rtol=1e-12, atol=1e-13)
    out = np.empty((rows, 6))
    assert threads.product(left, right, out) is out
    np.testing.assert_allclose(out, left @ right, rtol=1e-12, atol=1e-13)


@pytest.fixture
def unchosen(monkeypatch):
    monkeypatch.delenv("RNNLM_THREADS", raising=False)
    threads._from_environment.cache_clear()
    monkeypatch.setattr(threads._chosen, "threads", None)
    yield monkeypatch
    monkeypatch.delenv("RNNLM_THREADS", raising=False)
    threads._from_environment.cache_clear()


def test_the_environment_takes_precedence_over_the_number_of_threads_set(unchosen):
    assert threads.core_count() == threads.available_cores()
    with threads._blas().limit(limits=None):
        threads.use_threads(3)
        assert threads.core_count() == 3
        assert threads._pool()._max_workers == 3
        unchosen.setenv("RNNLM_THREADS", "5")
        threads._from_environment.cache_clear()
        threads.use_threads(3)
        assert threads.core_count() == 5
        blas = {pool["num_threads"] for pool in threads._blas().info()}
        assert max(blas) <= 5


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "1025", "9" * 5000, "²", " 2"])
def test_an_invalid_number_of_threads_is_refused(unchosen, said):
    unchosen.setenv("RNNLM_THREADS", said)
    threads._from_environment.cache_clear()
    with pytest.raises(ValueError, match=r"RNNLM_THREADS: .* is not a whole number from 1 to 1024"):
        threads.use_threads()
