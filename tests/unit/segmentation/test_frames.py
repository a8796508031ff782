"""An analysis survives the way into the store and back."""

import random

from property.comparison import analysed
from property.portals import any_case
from property.update_comparison import check_same
from segmentation import Limits
from segmentation.frames import from_frames, to_frames
from storage.packing import pack, unpack
from unit.segmentation.rows import at, base_of, company, contact, look, portal, refusal

PORTALS = 40


def test_an_analysis_comes_back_as_it_was_with_row_numbers_and_dtypes() -> None:
    for seed in range(PORTALS):
        case = any_case(random.Random(seed).choice)
        analysis = analysed(case)
        frames = {name: unpack(pack(frame)) for name, frame in to_frames(analysis).items()}
        back = from_frames(
            frames, base_of(case.rows), case.now, case.timezone, Limits(*case.limits)
        )
        check_same(back, analysis)


def test_codes_are_kept_as_small_numbers() -> None:
    clients = to_frames(look(company(1), contact(2)))["clients"]
    assert {str(clients[name].dtype) for name in ("kind", "lifecycle", "frequency")} == {"int8"}
    assert clients["kind"].tolist() == [0, 1]


def test_clients_of_another_base_are_refused() -> None:
    now = at("2024-08-31 12:00")
    assert now is not None and now.tzinfo is not None
    frames = to_frames(look(company(1), contact(2)))
    for other in (portal(company(1), contact(3)), portal(company(1))):
        message = refusal(lambda other=other: from_frames(frames, base_of(other), now, now.tzinfo))
        assert message == "the clients are those of another base"
