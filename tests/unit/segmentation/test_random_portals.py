"""The rules against the brute-force oracle on random portals, also where hypothesis cannot run."""

import random

from property.comparison import check_case
from property.portals import any_case

PORTALS = 200


def test_every_client_payment_and_point_of_random_portals_is_as_the_oracle_says() -> None:
    for seed in range(PORTALS):
        case = any_case(random.Random(seed).choice)
        try:
            check_case(case)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"seed {seed}, {case}") from error
