"""Guards and formulas: what they allow, what they answer when a fact is open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.rules.expressions import Expression, ExpressionError, Unknown, parse

NAMES = ("a", "b", "c")


def value(text: str, **facts: object) -> object:
    return parse(text).value(facts.get)


@pytest.mark.parametrize(
    ("text", "facts", "answer"),
    [
        ("0.1 + 0.2 == 0.3", {}, True),  # decimals are read from the text, not through a float
        ("103.50 * 0.03", {}, Decimal("3.1050")),
        ("rate * 3 if rate > 1 else 0", {"rate": 2}, Decimal(6)),
        ('kind in ["old", "new"]', {"kind": "new"}, True),
        ('kind not in ["old", "new"]', {"kind": "new"}, False),
        ('signed < d("2021-03-01")', {"signed": date(2021, 2, 28)}, True),
        ("1 < x <= 3", {"x": 3}, True),  # chains read as in the law: between
        ("min(a, 3) + max(1, a) + abs(-a)", {"a": 2}, Decimal(6)),
        ("floor(7 / 2)", {}, Decimal(3)),
        ("-x", {"x": 4}, Decimal(-4)),
    ],
)
def test_what_is_known_is_exact(text, facts, answer):
    assert value(text, **facts) == answer


@pytest.mark.parametrize(
    ("text", "facts", "answer"),
    [
        ("a and b", {"a": False}, False),  # one false is enough, in either order
        ("b and a", {"a": False}, False),
        ("a or b", {"a": True}, True),
        ("b or a", {"a": True}, True),
        ("a and b", {"a": True}, {"b"}),
        ("x > 3 or b", {"b": False}, {"x"}),
        ("3 if a else 3", {}, Decimal(3)),  # the open fact makes no difference
        ("p * (2 if a else q)", {"a": True}, {"p"}),  # q is not needed, so it is not asked
        ("p * (2 if a else q)", {"a": False}, {"p", "q"}),
        ('kind in ["old"]', {}, {"kind"}),
    ],
)
def test_an_open_fact_matters_only_where_it_can_decide(text, facts, answer):
    found = value(text, **facts)

    assert (set(found.names) if isinstance(found, Unknown) else found) == answer


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a.b", 0, "Attribute"),
        ("a[0]", 0, "Subscript"),
        ("[x for x in a]", 0, "ListComp"),
        ("lambda: 1", 0, "Lambda"),
        ("__import__('os')", 0, "not a function"),
        ("f(a)(b)", 0, "not a function"),
        ("a ** b", 0, "Pow"),
        ("a and open(b)", 6, "'open' is not a function"),
        ("a is b", 0, "'is'"),
        ("1 in 2", 5, "needs a list"),
        ("x == 'a' +", None, "Not an expression"),
        ('d("2021-13-01")', 0, "A date is written"),
        ("abs(1, 2)", 0, "other arguments"),
        (" + ".join(["a"] * 120), None, "Longer than"),
        ("None", 0, "None is not a value"),
        ("b'x'", 0, "not a value"),
    ],
)
def test_what_is_outside_the_language_is_refused_with_its_column(text, column, said):
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert said in caught.value.message
    assert caught.value.zh
    if column is not None:
        assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("true or 'true'", {}),  # a deliberate difference to FEEL: text is never a truth
        ("x and true", {"x": 1}),
        ("x + 1", {"x": "a"}),
        ("x < 1", {"x": "a"}),
        ("x < true", {"x": False}),
        ("1 / x", {"x": 0}),
        ("not x", {"x": 3}),
        ("3 if x else 4", {"x": 1}),
    ],
)
def test_types_that_do_not_go_together_are_an_error_and_never_false(text, facts):
    with pytest.raises(ExpressionError):
        value(text, **facts)


def test_a_guard_must_be_true_or_false():
    with pytest.raises(ExpressionError, match="true or false"):
        parse("1 + 1").truth(lambda _: None)


booleans = st.recursive(
    st.sampled_from(NAMES) | st.sampled_from(["true", "false", "a == b", "x < 2", "x >= 2", "x == 3"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda t: f"(not {t})")
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    ),
    max_leaves=8,
)


@given(booleans, st.dictionaries(st.sampled_from([*NAMES, "x"]), st.booleans(), max_size=4))
def test_what_is_decided_with_open_facts_holds_for_every_answer(text, some):
    """Kleene soundness (rules.md C.14, 1)."""
    rule: Expression = parse(text)
    known = {name: (Decimal(2) if name == "x" else answer) for name, answer in some.items()}
    found = rule.value(known.get)
    names = [name for name in sorted(rule.names) if name not in known]
    domains = [[Decimal(1), Decimal(2), Decimal(3)] if name == "x" else [True, False] for name in names]
    outcomes = {
        rule.value({**known, **dict(zip(names, tried, strict=True))}.get) for tried in product(*domains)
    }

    if isinstance(found, Unknown):
        assert found.names <= set(names)
        assert found.names
    else:
        assert outcomes == {found}
