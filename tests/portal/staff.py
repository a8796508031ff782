"""Who works in the made-up portal: departments with heads, managers, some of them dismissed."""

from __future__ import annotations

import json
from math import log10
from typing import Final

import numpy as np

from portal.database import Database
from portal.population import Staff, sparse_ids
from portal.words import FEMALE_NAMES, MALE_NAMES, SURNAMES, feminine, latin

ADMIN: Final = 1
# id, name, parent; the sales departments come with their share of the managers.
_DEPARTMENTS: Final = (
    (1, "Вектор", 0, 0.0),
    (3, "Отдел продаж", 1, 0.35),
    (7, "Розничные продажи", 3, 0.3),
    (8, "Ключевые клиенты", 3, 0.15),
    (12, "Колл-центр", 3, 0.2),
    (15, "Маркетинг", 1, 0.0),
    (21, "Бухгалтерия", 1, 0.0),
)


def make_staff(rng: np.random.Generator, clients: int, database: Database) -> Staff:
    """Write users and departments; a quarter of the managers are dismissed by now."""
    managers = int(8 + 12 * log10(1 + clients / 100))
    count = 1 + len(_DEPARTMENTS) + managers
    ids = sparse_ids(rng, count, ADMIN)
    heads = ids[1 : 1 + len(_DEPARTMENTS)]
    sellers = ids[1 + len(_DEPARTMENTS) :]
    dismissed = rng.random(managers) < 0.25
    dismissed[:2] = False, True
    department = np.asarray([row[0] for row in _DEPARTMENTS])
    shares = np.asarray([row[3] for row in _DEPARTMENTS])
    homes = [1, *department.tolist(), *rng.choice(department, managers, p=shares).tolist()]
    posts = [
        "Системный администратор",
        *("Руководитель" for _ in _DEPARTMENTS),
        *("Менеджер" for _ in range(managers)),
    ]
    active = ["Y"] * (1 + len(_DEPARTMENTS)) + ["N" if gone else "Y" for gone in dismissed]
    people = [_person(rng) for _ in range(count)]
    database.insert(
        "users",
        (
            "ID",
            "ACTIVE",
            "NAME",
            "LAST_NAME",
            "EMAIL",
            "WORK_POSITION",
            "UF_DEPARTMENT",
            "IS_ADMIN",
            "USER_TYPE",
        ),
        [
            (
                user,
                active[place],
                name,
                surname,
                f"{latin(surname)}{user}@vektor.example",
                posts[place],
                json.dumps([homes[place]]),
                "Y" if user == ADMIN else "N",
                "employee",
            )
            for place, (user, (name, surname)) in enumerate(zip(ids.tolist(), people, strict=True))
        ],
    )
    database.insert(
        "departments",
        ("ID", "NAME", "PARENT", "UF_HEAD", "SORT"),
        [
            (number, name, parent, head, 500)
            for (number, name, parent, _), head in zip(_DEPARTMENTS, heads.tolist(), strict=True)
        ],
    )
    load = rng.lognormal(0, 0.6, managers) * np.where(dismissed, 0.5, 1.0)
    return Staff(ADMIN, heads, sellers, load / load.sum(), sellers[dismissed])


def _person(rng: np.random.Generator) -> tuple[str, str]:
    surname = SURNAMES[rng.integers(len(SURNAMES))]
    if rng.random() < 0.5:
        return FEMALE_NAMES[rng.integers(len(FEMALE_NAMES))], feminine(surname)
    return MALE_NAMES[rng.integers(len(MALE_NAMES))], surname
