"""A form over a row that exists carries what it showed, so that nobody's work is overwritten (pms/core/forms.py)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.forms import BaseForm

from pms.core.forms import VersionedForm
from properties.admin_scope import ScopedForm

from . import house

# Forms that need no version, each with the reason.
NOT_EDITING: Mapping[str, str] = {
    "makes a row": """StayForm GuestForm NewRoomForm NewRoleForm StaffForm SetupForm RoomLineForm ApiClientForm
        TaxesForm PeopleForm UsualPricesForm ChannelForm ImportForm PhotosForm CloseRoomForm CopyHotelForm""",
    "puts one thing in the place of another as a whole": "LogoForm PhotoOrderForm",
    "posts a line; what is posted is never edited": "_MoneyForm ChargeForm PaymentForm ReverseForm InvoiceForm",
    "an act that judges again under lock": """MarkForm CancelForm DiscardForm LaneForm VisitForm WindowForm
        ReplacementForm CopyRolesForm TypePlanForm""",
    "searches and filters": """ListForm FilterForm FindForm RoomFilterForm KeysetForm PlaceForm
        StaffFilterForm AuditForm""",
    "sends only what was ticked and unticked; the rest stays": "ConnectedForm TogglesForm SecondStepForm",
    "says what shall be for many nights and shows no value": "PricesForm",
    "one's own account, or what one agrees to": "SecretForm LanguageForm ConsentForm JoinForm",
    "a base of others": "VersionedForm HotelRowForm",
    "asks for a reason beside an act of the administration": "DeliveryActionForm",
}


def forms_of_the_house() -> Iterator[type[BaseForm]]:
    """Yield every form that our packages declare."""
    roots = {settings.BASE_DIR, settings.BASE_DIR / "pms"}
    ours = [config for config in apps.get_app_configs() if Path(config.path).parent in roots]
    for config in ours:
        for module in pkgutil.walk_packages([config.path], f"{config.name}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting = [BaseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.startswith(tuple(f"{config.name}." for config in ours)):
                yield form


def unversioned() -> list[str]:
    """Return the forms that are neither versioned nor named with a reason."""
    reasons = set(" ".join(NOT_EDITING.values()).split())
    known = (VersionedForm, ScopedForm)
    return sorted({form.__name__ for form in forms_of_the_house() if not issubclass(form, known)} - reasons)


def test_every_form_over_a_row_that_exists_is_versioned() -> None:
    house.assert_none(
        unversioned(),
        "Derive it from VersionedForm and save by save_merged (docs/properties.md), or say in NOT_EDITING why not:",
    )


def test_no_reason_outlives_its_form() -> None:
    found = {form.__name__ for form in forms_of_the_house()}

    house.assert_none(sorted(set(" ".join(NOT_EDITING.values()).split()) - found), "No such form; take it out:")


def test_a_form_without_a_version_is_found() -> None:
    assert "NewRoleForm" in {form.__name__ for form in forms_of_the_house() if not issubclass(form, VersionedForm)}
