"""Table: dietary needs; sensitive, so apart from all else and soon erased."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, SQLModel


class Diet(StrEnum):
    """What kitchens ask for most."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    LACTOSE = "lactose"
    MILK = "milk"
    GLUTEN = "gluten"
    NUTS = "nuts"
    FISH = "fish"
    EGGS = "eggs"


class DietaryNeed(SQLModel, table=True):
    """One person's needs at one meeting; the address is all that says whose they are."""

    __tablename__ = "dietary_need"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    address: str = Field(
        primary_key=True
    )  # work e-mail in lower case: substitutes have nothing else
    diets: str = ""  # values of Diet, space-separated
    other: str = ""
    erase_on: date = Field(index=True)
