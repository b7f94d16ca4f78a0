"""Arrays give the doubles that one call for each element gives."""

import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

import xladdin
from xladdin.core import arrays, fees
from xladdin.terms import select
from xladdin.terms.conversion import sales_agreement
from xladdin.terms.exact import Schedule
from xladdin.terms.model import Agreement

AGREEMENTS = [select(name).agreement for name in ("NEOT-2001", "NEOT-2001/OTHER")]
BOTH: list[tuple[Any, Any]] = [
    (arrays.marginal, fees.marginal),
    (arrays.net, fees.net),
]


def schedule_of(agreement: Agreement) -> Schedule:
    found = sales_agreement(agreement).schedule
    assert found is not None
    return found


def near_edges(agreement: Agreement) -> list[float]:
    edges = [0.0, *(band.upper for band in schedule_of(agreement).bands)]
    beside = [float(np.nextafter(edge, 0)) for edge in edges]
    above = [float(np.nextafter(edge, np.inf)) for edge in edges[:-1]]
    return [-0.0, 5e-324, 0.01, *edges, *beside, *above]


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=lambda agreement: agreement.key)
@pytest.mark.parametrize(("on_array", "scalar"), BOTH)
@given(data=st.data())
def test_the_same_doubles(agreement: Agreement, on_array: Any, scalar: Any, data: Any) -> None:
    amount = st.floats(0, float(agreement.capacity))
    amounts = near_edges(agreement) + data.draw(st.lists(amount, max_size=20))
    found = on_array(np.array(amounts), schedule_of(agreement))
    expected = [scalar(one, 0.0, schedule_of(agreement)) + 0.0 for one in amounts]
    assert found.tolist() == expected
    assert not np.signbit(found).any()


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf"), 25_000_000.01])
def test_anything_wrong_is_left_to_one_by_one(wrong: float) -> None:
    assert arrays.marginal(np.array([1.0, wrong]), schedule_of(AGREEMENTS[0])) is None
    with pytest.raises(xladdin.InputError) as caught:
        xladdin.ceo_fee(np.array([1.0, wrong]))
    assert caught.value.position == (1,)


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=lambda agreement: agreement.key)
@pytest.mark.parametrize(("on_array", "scalar"), BOTH)
def test_a_limit_that_is_met(agreement: Agreement, on_array: Any, scalar: Any) -> None:
    most = float(agreement.capacity)
    amounts = [1.0, float(np.nextafter(most, np.inf)), most + 0.000009]
    found = on_array(np.array(amounts), schedule_of(agreement))
    assert found.tolist() == [scalar(one, 0.0, schedule_of(agreement)) for one in amounts]
    for over in (most + 0.00001, most + 0.01, np.inf):
        assert on_array(np.array([1.0, over]), schedule_of(agreement)) is None


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize("name", ["CEO_FEE", "CEO_NET"])
@given(data=st.data())
def test_edges_that_no_double_holds(name: str, data: Any) -> None:
    """Such tiers are computed one by one, and exactly."""
    amounts = data.draw(st.lists(strategies.gross_amounts(oracle.ODD_CENTS), min_size=1))
    function = getattr(xladdin, name.lower())
    exact = [oracle.ORACLES[name](one, 0.0, oracle.ODD_CENTS) for one in amounts]
    if "#NUM!" in exact:
        return
    found = function(np.array(amounts), terms="ODD-CENTS").tolist()
    for one, wanted in zip(found, exact, strict=True):
        assert isinstance(wanted, Fraction)
        assert one == wanted == 0 or oracle.ulps(one, wanted) <= 4


def test_tiers_that_do_not_add_up_to_doubles_are_left_alone() -> None:
    agreement = AGREEMENTS[0]
    odd = [
        dataclasses.replace(tier, rate=Decimal("0.0123456789"), up_to=tier.up_to - Decimal("0.07"))
        for tier in agreement.tiers
    ]
    uneven = dataclasses.replace(
        agreement, tiers=tuple(odd), capacity=agreement.capacity - Decimal("0.07")
    )
    assert arrays.marginal(np.array([1.0]), schedule_of(uneven)) is None


def test_shapes_and_sizes_stay() -> None:
    many = np.linspace(0, 25e6, 40_000)
    table = many.reshape(2, -1)
    assert xladdin.ceo_fee(table).tolist() == xladdin.ceo_fee(many).reshape(2, -1).tolist()
    assert xladdin.ceo_fee(many)[::997].tolist() == [
        xladdin.ceo_fee(one) for one in many[::997].tolist()
    ]
    assert xladdin.ceo_fee(table.T).shape == (20_000, 2)
    assert xladdin.ceo_fee(table.T).tolist() == xladdin.ceo_fee(table).T.tolist()
