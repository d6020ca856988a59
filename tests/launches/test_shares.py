"""The arithmetic of the shares."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from campaigns.launches.shares import Run, blocks
from campaigns.planning.shares import webster

shares = st.dictionaries(st.integers(1, 20), st.integers(1, 5000), min_size=1, max_size=6)


@given(total=st.integers(0, 10**7), shares=shares)
def test_webster_gives_out_everything_and_stays_near_the_quota(total: int, shares: dict[int, int]) -> None:
    sizes = webster(total, shares)
    assert sum(sizes.values()) == total
    # No seat may be worth more at another group: w_a / (s_a - 1/2) >= w_b / (s_b + 1/2).
    for a, b in ((a, b) for a in shares for b in shares if a != b and sizes[a]):
        assert Fraction(shares[a], 2 * sizes[a] - 1) >= Fraction(shares[b], 2 * sizes[b] + 1)


def test_a_tie_goes_to_the_lower_id() -> None:
    assert webster(1, {2: 5000, 1: 5000}) == {1: 1, 2: 0}
    assert webster(3, {2: 5000, 1: 5000}) == {1: 2, 2: 1}


@given(newcomers=st.integers(0, 1000), shares=shares, data=st.data())
def test_blocks_make_up_for_what_came_before(
    newcomers: int, shares: dict[int, int], data: st.DataObject
) -> None:
    before = {group: data.draw(st.integers(0, 300)) for group in shares}
    runs = blocks(newcomers, shares, before)
    assert sum(run.size for run in runs) == newcomers
    assert [run.group_id for run in runs] == sorted(run.group_id for run in runs)


def test_the_largest_block_gives_what_a_negative_one_lacks() -> None:
    assert blocks(10, {1: 5000, 2: 5000}, {1: 30, 2: 0}) == [Run(2, 10)]
