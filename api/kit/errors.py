"""The situations in which the service says no, each with what to do; one place turns them into answers."""

from collections.abc import Mapping


class ServiceError(Exception):
    """Base of every error that the service raises on purpose; carries its HTTP status.

    `message` is a Swedish source text for people, `values` fills its %(name)s places.
    """

    status = 500
    title = "Något gick fel"

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values: Mapping[str, object] = values
        super().__init__(message % values if values else message)


class MissingError(ServiceError):
    """Not there, or not for this viewer: the two look the same."""

    status = 404
    title = "Sidan finns inte"

    def __init__(
        self, message: str = "Sidan finns inte, eller så har du inte tillgång till den."
    ) -> None:
        super().__init__(message)


class SignInNeededError(ServiceError):
    """The viewer is not signed in; pages lead to the sign-in form, the API answers 401."""

    status = 401
    title = "Logga in"

    def __init__(self) -> None:
        super().__init__("Logga in för att se sidan.")


class ForbiddenRequestError(ServiceError):
    """A form that did not come from our own page (cross-site request, stale or missing token)."""

    status = 403
    title = "Formuläret kunde inte tas emot"

    def __init__(self) -> None:
        super().__init__("Ladda om sidan och försök igen.")


class KeyReachError(ServiceError):
    """A key of the API that only reads was to change something."""

    status = 403
    title = "Nyckeln räcker inte till det här"

    def __init__(self) -> None:
        super().__init__("Nyckeln får bara läsa. Skapa en som får ändra.")


class ConflictError(ServiceError):
    """A rule of ours says no in the present state; nothing was changed."""

    status = 409
    title = "Det går inte just nu"


class StaleError(ConflictError):
    """Somebody else saved the same thing first; carries both versions, field by field."""

    title = "Någon annan hann före"

    def __init__(self, yours: Mapping[str, object], theirs: Mapping[str, object]) -> None:
        self.yours = yours
        self.theirs = theirs
        super().__init__("Någon annan har sparat en nyare version. Jämför och spara igen.")


class FieldFault(ServiceError):  # noqa: N818 - a fault in a form is no failure of the program
    """One field of a form holds something that cannot be used."""

    status = 422
    title = "Kontrollera formuläret"

    def __init__(self, field: str, message: str, **values: object) -> None:
        self.field = field
        super().__init__(message, **values)


class FormError(ServiceError):
    """A form with one or more faulty fields; the typed values are kept by the page."""

    status = 422
    title = "Kontrollera formuläret"

    def __init__(self, *faults: FieldFault) -> None:
        self.faults = faults
        super().__init__("Rätta det som är markerat och skicka igen.")


class TooManyRequestsError(ServiceError):
    """Somebody asks too often; try again after `seconds`."""

    status = 429
    title = "För många försök"

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        if seconds == 1:
            super().__init__("Vänta en sekund och försök igen.")
        else:
            super().__init__("Vänta %(seconds)s sekunder och försök igen.", seconds=seconds)


class TooLargeError(ServiceError):
    """A request with more octets than its route takes; nothing of it was read further."""

    status = 413
    title = "För stort"

    def __init__(self, octets: int) -> None:
        super().__init__(
            "Det är för stort: högst %(kilobytes)s kB tas emot.", kilobytes=octets // 1000
        )


class TooSlowError(ServiceError):
    """A request that did not come whole in its time."""

    status = 408
    title = "Det tog för lång tid"

    def __init__(self) -> None:
        super().__init__("Allt kom inte fram i tid. Kontrollera uppkopplingen och försök igen.")


class UnusableTextError(ServiceError):
    """A text with an octet that no database keeps (zero), or nested beyond all use."""

    status = 422
    title = "Kontrollera formuläret"

    def __init__(self) -> None:
        super().__init__("Texten innehåller tecken som inte går att spara. Skriv den på nytt.")


class TooLongTextError(ServiceError):
    """A field's text that is longer than the field may be."""

    status = 422
    title = "Kontrollera formuläret"

    def __init__(self, field: str, most: int) -> None:
        self.field = field
        super().__init__(
            "En text är för lång: högst %(most)s tecken får plats i fältet.", most=most
        )
